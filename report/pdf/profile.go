package pdf

import (
	"encoding/binary"
	"math"
)

const srgbName = "sRGB IEC61966-2.1"

// srgb is an ICC profile (version 2.1) of the colour space that the pages mean.
// It is made here from the standard's figures: the primaries adapted to D50, and
// the transfer curve at 256 points, one for each 8-bit value.
func srgb() []byte {
	u16, u32 := binary.BigEndian.AppendUint16, binary.BigEndian.AppendUint32
	xyz := func(x, y, z uint32) []byte { // in 1/65536
		b := append([]byte("XYZ "), 0, 0, 0, 0)
		return u32(u32(u32(b, x), y), z)
	}

	curve := u32(append([]byte("curv"), 0, 0, 0, 0), 256)
	for i := range 256 {
		v := float64(i) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		curve = u16(curve, uint16(math.Round(v*65535)))
	}
	description := u32(append([]byte("desc"), 0, 0, 0, 0), uint32(len(srgbName)+1))
	description = append(append(description, srgbName...), make([]byte, 1+4+4+2+1+67)...) // no other scripts
	copyright := append([]byte("text\x00\x00\x00\x00No copyright, use freely"), 0)

	tags := []struct {
		names []string
		body  []byte
	}{
		{[]string{"desc"}, description},
		{[]string{"cprt"}, copyright},
		{[]string{"wtpt"}, xyz(0xf6d6, 0x10000, 0xd32d)},
		{[]string{"rXYZ"}, xyz(0x6fa2, 0x38f5, 0x0390)},
		{[]string{"gXYZ"}, xyz(0x6299, 0xb785, 0x18da)},
		{[]string{"bXYZ"}, xyz(0x24a0, 0x0f84, 0xb6cf)},
		{[]string{"rTRC", "gTRC", "bTRC"}, curve},
	}
	const header, entry, count = 128, 12, 9
	var table, data []byte
	for _, t := range tags {
		for _, name := range t.names {
			table = u32(u32(append(table, name...), uint32(header+4+count*entry+len(data))), uint32(len(t.body)))
		}
		data = append(data, t.body...)
		data = append(data, make([]byte, -len(data)&3)...) // tags begin at multiples of four
	}

	b := u32(nil, uint32(header+4+count*entry+len(data)))
	b = append(b, "\x00\x00\x00\x00\x02\x10\x00\x00mntrRGB XYZ "...)
	for _, part := range []uint16{2000, 1, 1, 0, 0, 0} { // a date is mandatory
		b = u16(b, part)
	}
	b = append(append(b, "acsp"...), make([]byte, 28)...)
	b = append(b, xyz(0xf6d6, 0x10000, 0xd32d)[8:]...)
	b = append(b, make([]byte, header-len(b))...)
	return append(append(u32(b, count), table...), data...)
}
