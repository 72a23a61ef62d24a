package account

import "testing"

func TestSamePerson(t *testing.T) {
	tests := []struct {
		name string
		a, b person
		want bool
	}{
		{"international and national number", person{phone: "+82-2-5550-0110"}, person{phone: "02-5550-0110"}, true},
		{"mobile number", person{phone: "+82 10-1234-5678"}, person{phone: "010.1234.5678"}, true},
		{"zero kept after the country code", person{phone: "+82 (0)2 5550 0110"}, person{phone: "0255500110"}, true},
		{"international prefix dialled", person{phone: "0082-2-5550-0110"}, person{phone: "02-5550-0110"}, true},
		{"another extension of the exchange", person{phone: "02-5550-0110"}, person{phone: "02-5550-0111"}, false},
		{"another country", person{phone: "+1-2-5550-0110"}, person{phone: "02-5550-0110"}, false},
		{"Seoul and Incheon", person{phone: "032-555-0110"}, person{phone: "02-555-0110"}, false},
		{"no number on either side", person{}, person{}, false},
		{"no digits on either side", person{phone: "없음"}, person{phone: "-"}, false},
		{"e-mail in another case", person{email: "Sec@Gasang.example"}, person{email: "sec@gasang.EXAMPLE "}, true},
		{"another mailbox", person{email: "a@gasang.example"}, person{email: "b@gasang.example"}, false},
		{"name with other blanks", person{name: " Hong  Gildong"}, person{name: "hong gildong"}, true},
		{"another name", person{name: "홍길동"}, person{name: "홍길순"}, false},
		{"only the e-mail differs", person{name: "홍길동", email: "a@x.example"}, person{name: "홍길동", email: "b@x.example"}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.a.same(test.b) != test.want || test.b.same(test.a) != test.want {
				t.Errorf("same = %t, want %t", !test.want, test.want)
			}
		})
	}
}
