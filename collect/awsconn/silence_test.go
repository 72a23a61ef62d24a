package awsconn

import (
	"context"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"auditbinder/collect/evidence"
	"auditbinder/collect/sample/fakeaws"
)

// A region that is out of reach costs its first question the whole patience and
// the others one short try; whoever answered keeps its retries.
func TestSilentRegion(t *testing.T) {
	const (
		here, there = "ap-northeast-2", "us-east-2"
		silent      = "silence"
		reset       = "one reset"
	)
	type step struct {
		action, region string
		fault          string // what happens to the request; empty: it is answered
		attempts       int
		waits          time.Duration // for AWS, in all
		code           string
	}
	const patience = operationTimeout // three attempts of a minute
	for name, steps := range map[string][]step{
		"the whole region": {
			{"cloudtrail", there, silent, 3, patience, codeRequestTimeout},
			{"ec2", there, silent, 1, silentTimeout, codeRequestTimeout},
			{"ssm", there, silent, 1, silentTimeout, codeRequestTimeout},
			{"cloudtrail", there, silent, 1, silentTimeout, codeRequestTimeout},
			{"ec2", here, reset, 2, 0, ""}, // another region has nothing to do with it
			{"iam", there, reset, 2, 0, ""},
		},
		"it answers again": {
			{"cloudtrail", there, silent, 3, patience, codeRequestTimeout},
			{"ec2", there, "", 1, 0, ""},
			{"ec2", there, reset, 2, 0, ""},
			{"cloudtrail", there, "", 1, 0, ""},
			{"cloudtrail", there, reset, 2, 0, ""},
			{"ec2", there, silent, 3, patience, codeRequestTimeout},
			{"ec2", there, silent, 1, silentTimeout, codeRequestTimeout},
		},
		"one service alone": {
			{"cloudtrail", there, "", 1, 0, ""},
			{"ssm", there, silent, 3, patience, codeRequestTimeout},
			{"ssm", there, silent, 1, silentTimeout, codeRequestTimeout},
			{"cloudtrail", there, reset, 2, 0, ""},
		},
		"global services are no region's": {
			{"iam", there, silent, 3, patience, codeRequestTimeout},
			{"iam", there, silent, 3, patience, codeRequestTimeout},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var fault string
			at := start
			server := fake()
			server.Fault = func(r fakeaws.Request) *fakeaws.Fault {
				mu.Lock()
				defer mu.Unlock()
				switch {
				case fault == silent:
					return &fakeaws.Fault{Delay: 24 * time.Hour}
				case fault == reset && strings.HasPrefix(r.Header.Get("Amz-Sdk-Request"), "attempt=1;"):
					return &fakeaws.Fault{Reset: true}
				}
				return nil
			}
			listener := httptest.NewServer(server)
			defer listener.Close()
			fakeaws.Environment(t.Setenv, listener.URL)
			now := func() time.Time {
				mu.Lock()
				defer mu.Unlock()
				return at
			}
			conn, err := Open(context.Background(), Options{
				Allow: []string{"cloudtrail:DescribeTrails", "ec2:DescribeInstances", "ssm:DescribeInstanceInformation", "iam:GetAccountSummary"},
				Now:   now, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
			})
			if err != nil {
				t.Fatal(err)
			}
			// A silent attempt takes its whole time, by the clock of the test.
			conn.recorder.wire.(*liveWire).limit = func(ctx context.Context) (context.Context, context.CancelFunc) {
				limited, cancel := limitAttempt(context.WithTimeout, now)(ctx)
				mu.Lock()
				defer mu.Unlock()
				if fault != silent {
					return limited, cancel
				}
				deadline, _ := limited.Deadline()
				at = at.Add(time.Until(deadline).Round(time.Second))
				cancel()
				return context.WithTimeout(ctx, time.Millisecond)
			}
			ask := map[string]func(string) error{
				"cloudtrail": func(region string) error {
					_, err := cloudtrail.NewFromConfig(conn.Regional(region)).DescribeTrails(context.Background(), &cloudtrail.DescribeTrailsInput{})
					return err
				},
				"ec2": func(region string) error {
					_, err := ec2.NewFromConfig(conn.Regional(region)).DescribeInstances(context.Background(), &ec2.DescribeInstancesInput{})
					return err
				},
				"ssm": func(region string) error {
					_, err := ssm.NewFromConfig(conn.Regional(region)).DescribeInstanceInformation(context.Background(), &ssm.DescribeInstanceInformationInput{})
					return err
				},
				"iam": func(region string) error {
					_, err := iam.NewFromConfig(conn.Regional(region)).GetAccountSummary(context.Background(), &iam.GetAccountSummaryInput{})
					return err
				},
			}
			for i, s := range steps {
				mu.Lock()
				fault = s.fault
				mu.Unlock()
				before, began := len(conn.Recording("").Calls), now()
				err := ask[s.action](s.region)
				if code := evidence.ErrorCode(err); code != s.code {
					t.Errorf("step %d: error %v", i+1, err)
				}
				if n := len(conn.Recording("").Calls) - before; n != s.attempts || now().Sub(began) != s.waits {
					t.Errorf("step %d: %d attempts in %s, want %d in %s", i+1, n, now().Sub(began), s.attempts, s.waits)
				}
			}
		})
	}
}
