package awsconn

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"auditbinder/collect/evidence"
)

// GetCallerIdentity is recorded beside the actions of the shipped policy; AWS
// asks no permission for it.
const GetCallerIdentity = "sts:GetCallerIdentity"

// Identity is who asks, in which account, and when by AWS's clock.
type Identity struct {
	Account string
	ARN     string
	Answer  evidence.Answer
	// At is the answer's Date header, or the sending time where it has none.
	At time.Time
	// Skew is the collecting machine's clock minus AWS's.
	Skew time.Duration
}

// Identity asks STS who the caller is. Its error means nothing can be collected.
func (c *Conn) Identity(ctx context.Context) (Identity, error) {
	out, trace, err := evidence.Ask(ctx, sts.NewFromConfig(c.Regional("")).GetCallerIdentity, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Identity{}, fmt.Errorf("ask AWS who the caller is: %w", err)
	}
	id := Identity{
		Account: aws.ToString(out.Account), ARN: aws.ToString(out.Arn), At: trace.At, Skew: trace.Sent.Sub(trace.At),
		Answer: evidence.Answer{Action: GetCallerIdentity, Region: trace.Region, Calls: []string{trace.CallID}, Count: 1},
	}
	if len(id.Account) != 12 {
		return Identity{}, &evidence.CallError{CallID: trace.CallID, Action: GetCallerIdentity, Region: trace.Region, Code: codeMalformedBody,
			Err: fmt.Errorf("account id %q", id.Account)}
	}
	return id, nil
}
