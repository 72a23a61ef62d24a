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

func (s *Server) assumed(req Request) assumedRole {
	c := s.Account.Role
	if c.Expires.IsZero() {
		c.Expires = time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return assumedRole{
		User:        roleUser{ID: "AROAEXAMPLEAUDIT0001:audit", ARN: req.Form.Get("RoleArn")},
		Credentials: roleCredentials{c.AccessKeyID, c.SecretAccessKey, c.SessionToken, c.Expires.Format(time.RFC3339)},
	}
}
