package iampolicy

import (
	"fmt"
	"testing"
)

// BenchmarkUsers analyses 10,000 users who share parsed documents.
func BenchmarkUsers(b *testing.B) {
	const users = 10_000
	readOnly := `{"Effect":"Allow","Resource":"*","Action":["ssm:Describe*"`
	for i := range 1000 {
		readOnly += fmt.Sprintf(`,"service%d:Get*"`, i)
	}
	shared := []Policy{policy(b, "Admin", admin), policy(b, "Net", fenceIn), policy(b, "ReadOnly", readOnly+"]}"),
		policy(b, "Self", denyFor(`"NotAction":["iam:ChangePassword","iam:GetUser"],"Resource":"*"`))}
	layers := []Layer{identity(shared...), {Kind: SCP, Name: "root", Policies: []Policy{policy(b, "Full", admin)}}}
	b.Run("RestrictSourceIP", func(b *testing.B) {
		for b.Loop() {
			for range users {
				if RestrictSourceIP(layers, Everything, testLimits).Status != Restricted {
					b.Fatal("not restricted")
				}
			}
		}
	})
	b.Run("May", func(b *testing.B) {
		for b.Loop() {
			for range users {
				if !May(layers, "ssm:StartSession", "arn:aws:ec2:ap-northeast-2:123456789012:instance/i-1", testLimits).Granted {
					b.Fatal("not granted")
				}
			}
		}
	})
	signIn := RestrictSignIn([]Policy{policy(b, "RBP",
		signInDenyOf("A", `"signin:*"`, good+`,"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/admin-*"}`))}, account, testLimits)
	b.Run("SignIn", func(b *testing.B) {
		for b.Loop() {
			for i := range users {
				if signIn.Exempts(fmt.Sprintf("arn:aws:iam::%s:user/user-%d", account, i)) {
					b.Fatal("exempt")
				}
			}
		}
	})
}
