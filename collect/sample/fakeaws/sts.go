package fakeaws

import "time"

type (
	roleUser struct {
		ID  string `xml:"AssumedRoleId"`
		ARN string `xml:"Arn"`
	}
	roleCredentials struct {
		AccessKeyID     string `xml:"AccessKeyId"`
		SecretAccessKey string `xml:"SecretAccessKey"`
		SessionToken    string `xml:"SessionToken"`
		Expiration      string `xml:"Expiration"`
	}
	assumedRole struct {
		User        roleUser        `xml:"AssumedRoleUser"`
		Credentials roleCredentials `xml:"Credentials"`
	}
)

// assumed hands out credentials that outlive any test.
func (s *Server) assumed(req Request) assumedRole {
	c := s.Account.Role
	return assumedRole{
		User: roleUser{ID: "AROAEXAMPLEAUDIT0001:audit", ARN: req.Form.Get("RoleArn")},
		Credentials: roleCredentials{c.AccessKeyID, c.SecretAccessKey, c.SessionToken,
			time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC).Format(time.RFC3339)},
	}
}
