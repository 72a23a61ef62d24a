package fakeaws

import (
	"encoding/json"
	"strings"

	"auditbinder/collect/evidence"
)

func (s *Server) describeInstanceInformation(req Request) (any, error) {
	nodes, next, err := paged(req, s.compute(req).Nodes, 5, 50, 10)
	return given(map[string]any{"NextToken": next, "InstanceInformationList": each(nodes, func(n evidence.SSMNode) map[string]any {
		resource, source := "EC2Instance", "AWS::EC2::Instance"
		if n.Hybrid {
			resource, source = "ManagedInstance", "AWS::SSM::ManagedInstance"
		}
		if n.SourceType != "" {
			source = n.SourceType
		}
		platform := "Linux"
		if strings.Contains(n.Platform, "Windows") {
			platform = "Windows"
		}
		return given(map[string]any{
			"InstanceId": n.ID, "PingStatus": n.Ping, "LastPingDateTime": epoch(n.LastPing), "AgentVersion": n.Agent, "PlatformType": platform,
			"PlatformName": n.Platform, "ResourceType": resource, "ComputerName": n.Name, "IPAddress": n.IP, "SourceId": n.ID, "SourceType": source,
		})
	})}), err
}

func (s *Server) getServiceSetting(req Request) (any, error) {
	const id = "/ssm/managed-instance/default-ec2-instance-management-role"
	if !strings.HasSuffix(req.param("SettingId"), id) { // or its ARN
		return nil, refuse("ServiceSettingNotFound", "Setting %s was not found.", req.param("SettingId"))
	}
	value, status := "$None", "Default"
	if v := s.compute(req).DefaultHostManagement; v != nil && *v != "" {
		value, status = *v, "Customized"
	}
	return map[string]any{"ServiceSetting": map[string]any{
		"SettingId": id, "SettingValue": value, "Status": status, "LastModifiedUser": "System",
		"ARN": "arn:aws:ssm:" + req.Region + ":" + s.Account.ID + ":servicesetting" + id,
	}}, nil
}

const sessionDocument = "SSM-SessionManagerRunShell"

func (s *Server) getDocument(req Request) (any, error) {
	d := s.compute(req).Session
	name := req.param("Name")
	if name != sessionDocument || d == nil || !d.Exists {
		return nil, refuse("InvalidDocument", "Document with name %s does not exist.", name)
	}
	content, err := json.Marshal(map[string]any{
		"schemaVersion": "1.0", "description": "Document to hold regional settings for Session Manager", "sessionType": "Standard_Stream",
		"inputs": map[string]any{
			"s3BucketName": d.Bucket, "s3KeyPrefix": "", "s3EncryptionEnabled": true, "cloudWatchLogGroupName": d.LogGroup,
			"cloudWatchEncryptionEnabled": true, "cloudWatchStreamingEnabled": false, "kmsKeyId": "", "runAsEnabled": d.RunAsUser,
			"runAsDefaultUser": "", "idleSessionTimeout": "20", "maxSessionDuration": "", "shellProfile": map[string]any{"linux": "", "windows": ""},
		},
	})
	if d.Unparsed {
		content = []byte("schemaVersion: '1.0'\nsessionType: Standard_Stream\n")
	}
	return map[string]any{
		"Name": name, "DocumentVersion": "1", "Status": "Active", "DocumentType": "Session", "DocumentFormat": "JSON", "Content": string(content),
	}, err
}
