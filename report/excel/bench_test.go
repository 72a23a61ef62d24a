//go:build unix

package excel

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"syscall"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"auditbinder/report/view"
)

// credentials is a report with n rows of a credential report.
func credentials(n int) view.Report {
	t := view.Table{Title: "자격 증명 보고서"}
	for i := range 22 {
		t.Columns = append(t.Columns, view.Column{Title: fmt.Sprintf("access_key_%d_last_used", i), Weight: 1})
	}
	for i := range n {
		name := fmt.Sprintf("user-%06d", i)
		row := view.Row{Cells: make([]view.Cell, len(t.Columns))}
		for c := range row.Cells {
			v := "N/A"
			switch {
			case c == 0:
				v = name
			case c == 1:
				v = "arn:aws:iam::000123456789:user/" + name
			case c%3 == 2:
				v = "2026-11-24T05:00:00+00:00"
			case c%3 == 0:
				v = "true"
			}
			row.Cells[c] = view.Cell{Lines: []string{v}}
		}
		t.Rows = append(t.Rows, row)
	}
	return view.Report{CredentialReport: t, Timestamp: time.Unix(1790000000, 0)}
}

// bare writes the same cells with nothing around them.
func bare(t view.Table) error {
	tmp, err := os.MkdirTemp("", "bare-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	f := excelize.NewFile(excelize.Options{TmpDir: tmp})
	defer func() { _ = f.Close() }()
	st, err := f.NewStyle(looks[styleText].excelize())
	if err != nil {
		return err
	}
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	values := make([]any, len(t.Columns))
	for i, row := range t.Rows {
		for c, v := range row.Cells {
			values[c] = excelize.Cell{StyleID: st, Value: v.Lines[0]}
		}
		if err := w.SetRow(cellName(1, i+1), values); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Write(io.Discard)
}

// cost is what a piece of work took.
type cost struct {
	cpu  time.Duration
	peak uint64 // bytes of live heap above what stood before
}

func measure(t testing.TB, work func() error) cost {
	t.Helper()
	debug.FreeOSMemory()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	read := func() uint64 { metrics.Read(sample); return sample[0].Value.Uint64() }
	before, highest := read(), uint64(0)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			highest = max(highest, read())
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	cpu := cpuTime(t)
	err := work()
	cpu = cpuTime(t) - cpu
	close(stop)
	<-done
	if err != nil {
		t.Fatal(err)
	}
	return cost{cpu, highest - min(before, highest)}
}

func cpuTime(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestCredentialReportCost keeps the sheet of the credential report as cheap as a
// bare stream of its cells. Processor time is told only: other work disturbs it.
func TestCredentialReportCost(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	r := credentials(20_000)
	theirs := measure(t, func() error { return bare(r.CredentialReport) })
	ours := measure(t, func() error { return Render(io.Discard, r) })
	memory := float64(ours.peak) / float64(theirs.peak)
	t.Logf("beside a bare stream: processor %.2f, memory %.2f", ours.cpu.Seconds()/theirs.cpu.Seconds(), memory)
	if memory > 1.5 {
		t.Errorf("%d MB live, %.2f of a bare stream's", ours.peak>>20, memory)
	}
}

// BenchmarkCredentialReport renders 100,000 rows beside a bare stream of the same cells.
func BenchmarkCredentialReport(b *testing.B) {
	r := credentials(100_000)
	var ours, theirs cost
	for b.Loop() {
		x := measure(b, func() error { return bare(r.CredentialReport) })
		y := measure(b, func() error { return Render(io.Discard, r) })
		theirs.cpu, theirs.peak = theirs.cpu+x.cpu, max(theirs.peak, x.peak)
		ours.cpu, ours.peak = ours.cpu+y.cpu, max(ours.peak, y.peak)
	}
	b.ReportMetric(ours.cpu.Seconds()/float64(b.N), "cpu-s/op")
	b.ReportMetric(ours.cpu.Seconds()/theirs.cpu.Seconds(), "cpu-ratio")
	b.ReportMetric(float64(ours.peak)/(1<<20), "peak-MB")
	b.ReportMetric(float64(ours.peak)/float64(theirs.peak), "peak-ratio")
}
