// Package account collects the account's alternate contacts and compares them
// with the primary contact. Only masked values and the outcome of comparisons
// leave it.
package account

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/account/types"

	"auditbinder/collect/evidence"
)

// The actions this package asks.
const (
	Alternate = "account:GetAlternateContact"
	Primary   = "account:GetContactInformation"
)

// Actions lists them for the recording allow-list and the IAM policy.
var Actions = []string{Alternate, Primary}

// NotSet is the error that says a contact is not set: an answer, not a failure.
const NotSet = "ResourceNotFoundException"

type api interface {
	GetAlternateContact(context.Context, *account.GetAlternateContactInput, ...func(*account.Options)) (*account.GetAlternateContactOutput, error)
	GetContactInformation(context.Context, *account.GetContactInformationInput, ...func(*account.Options)) (*account.GetContactInformationOutput, error)
}

// person is what is compared before it is masked.
type person struct{ name, email, phone string }

// Collect asks for the three alternate contacts and the primary one.
func Collect(ctx context.Context, client api, sink *evidence.Sink) {
	contacts := &evidence.Contacts{}
	var people []person
	for _, kind := range evidence.ContactTypes {
		contact, who, ok := alternate(ctx, client, sink, kind)
		if ok {
			contacts.Alternate = append(contacts.Alternate, contact)
			people = append(people, who)
		}
	}
	root, read := primary(ctx, client, sink)
	contacts.RootRead = read
	for i := range contacts.Alternate {
		c := &contacts.Alternate[i]
		for j, other := range people {
			if i != j && c.Set && contacts.Alternate[j].Set && people[i].same(other) {
				c.SameAs = append(c.SameAs, contacts.Alternate[j].Type)
			}
		}
		c.SameAsRoot = read && c.Set && people[i].same(root)
	}
	sink.Put(func(set *evidence.Set) { set.Contacts = contacts })
}

func alternate(ctx context.Context, client api, sink *evidence.Sink, kind evidence.ContactType) (evidence.AlternateContact, person, bool) {
	out, trace, err := evidence.Ask(ctx, client.GetAlternateContact,
		&account.GetAlternateContactInput{AlternateContactType: types.AlternateContactType(kind)})
	answer := evidence.Answer{Action: Alternate, Subject: string(kind), Region: trace.Region, Calls: []string{trace.CallID}}
	contact := evidence.AlternateContact{Type: kind, Calls: answer.Calls}
	switch {
	case evidence.ErrorCode(err) == NotSet:
		answer.Fact = NotSet
		sink.Answered(answer)
		return contact, person{}, true
	case err != nil:
		sink.Failed(Alternate, string(kind), err)
		return contact, person{}, false
	}
	// AWS sends every field of a contact that is set, and the type asked for.
	c := out.AlternateContact
	if c == nil || string(c.AlternateContactType) != string(kind) || aws.ToString(c.EmailAddress) == "" || aws.ToString(c.Name) == "" {
		sink.Malformed(Alternate, string(kind), trace)
		return contact, person{}, false
	}
	who := person{aws.ToString(c.Name), aws.ToString(c.EmailAddress), aws.ToString(c.PhoneNumber)}
	contact.Set = true
	contact.Name, contact.Title = evidence.MaskName(who.name), evidence.MaskTitle(aws.ToString(c.Title), who.name)
	contact.Email, contact.Phone = evidence.MaskEmail(who.email), evidence.MaskPhone(who.phone)
	answer.Count = 1
	sink.Answered(answer)
	return contact, who, true
}

func primary(ctx context.Context, client api, sink *evidence.Sink) (person, bool) {
	out, trace, err := evidence.Ask(ctx, client.GetContactInformation, &account.GetContactInformationInput{})
	if err != nil {
		sink.Failed(Primary, "", err)
		return person{}, false
	}
	c := out.ContactInformation
	if c == nil || aws.ToString(c.FullName) == "" {
		sink.Malformed(Primary, "", trace)
		return person{}, false
	}
	sink.Answered(evidence.Answer{Action: Primary, Region: trace.Region, Calls: []string{trace.CallID}, Count: 1})
	return person{name: aws.ToString(c.FullName), phone: aws.ToString(c.PhoneNumber)}, true
}

// same reports whether two contacts share a name, an e-mail or a phone number,
// however they are written.
func (p person) same(o person) bool {
	text := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
	equal := func(a, b string) bool { return a != "" && a == b }
	return equal(text(p.name), text(o.name)) || equal(text(p.email), text(o.email)) || equal(digits(p.phone), digits(o.phone))
}

// digits keeps the significant digits: +82-2-123, 0082-2-123 and 02-123 are one number.
func digits(phone string) string {
	d := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
	return strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(d, "00"), "82"), "0")
}
