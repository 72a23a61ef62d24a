package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"auditbinder/collect"
	"auditbinder/collect/awsconn"
	"auditbinder/collect/evidence"
	"auditbinder/report/item"
	"auditbinder/report/strictyaml"
	"auditbinder/report/verdict"
	"auditbinder/report/view"
)

// doctorSchema names the shape of `doctor --as json`, which docs/doctor.md describes.
const doctorSchema = "auditbinder/doctor/v1"

// checkup is what `doctor --as json` prints.
type checkup struct {
	Schema         string `json:"schema"`
	ProgramVersion string `json:"programVersion"`
	Account        struct {
		ID string `json:"id"`
	} `json:"account"`
	Caller struct {
		ARN string `json:"arn"`
	} `json:"caller"`
	CheckedAt        string          `json:"checkedAt"` // AWS's time, KST
	ClockSkewSeconds int64           `json:"clockSkewSeconds"`
	Source           evidence.Source `json:"source"`
	Simulated        bool            `json:"simulated"`
	APICalls         view.APICalls   `json:"apiCalls"`
	// HomeRegion is where all regional calls were asked.
	HomeRegion    string         `json:"homeRegion"`
	ClosedRegions []closedRegion `json:"closedRegions"`
	Counts        struct {
		Allowed   int `json:"allowed"`
		Denied    int `json:"denied"`
		Unchecked int `json:"unchecked"`
	} `json:"counts"`
	// UnknownItems become 점검 불가; MissingItems only show 조회 불가 somewhere.
	UnknownItems []string     `json:"unknownItems"`
	MissingItems []string     `json:"missingItems"`
	Permissions  []permission `json:"permissions"`
}

// permission is one question: an action in a region.
type permission struct {
	Operation     string                  `json:"operation"`
	Region        string                  `json:"region"`
	State         collect.PermissionState `json:"state"`
	Code          string                  `json:"code"`
	ControlPolicy bool                    `json:"controlPolicy"`
	UnknownItems  []string                `json:"unknownItems"`
	MissingItems  []string                `json:"missingItems"`
}

// closedRegion is one in which nothing that was asked is allowed.
type closedRegion struct {
	Region        string `json:"region"`
	ControlPolicy bool   `json:"controlPolicy"`
	// SignIn: a run asks it whatever the scope says.
	SignIn bool `json:"signIn"`
}

func (a *app) doctorCommand() *cobra.Command {
	var t target
	c := &cobra.Command{
		Use:   "doctor",
		Short: "수집하기 전에 거부되는 호출과 그 영향을 확인합니다",
		Long: `정책('auditbinder policy')의 모든 호출을 해가 없는 매개변수로 한 번씩 보내어 허용되는지 확인하고, 거부된 호출마다
점검 불가가 될 항목과 '조회 불가'로만 표시될 항목을 알립니다. 아무것도 바꾸거나 기록하지 않으며, 식별자가 필요한 호출은
없는 자원의 이름으로 묻습니다. iam:GenerateCredentialReport는 수집할 때처럼 자격 증명 보고서를 만들도록 요청합니다.
거부된 호출은 CloudTrail에 오류로 남으므로, 권한 오류를 알리는 경보가 있으면 울릴 수 있습니다.

계정 전체의 호출은 한 번, 리전별 호출은 한 리전(세션 리전 또는 범위의 첫 리전)에서 모두 묻고, 범위의 나머지 리전에서는
리전이 닫혀 있는지를 두 가지 호출로, 콘솔 로그인 리전에서는 로그인 관련 호출까지 묻습니다.

  허용        응답을 받았거나, 권한이 있어야 받는 오류(없는 자원 등)를 받음
  거부        AWS가 권한이 없다고 답함
  확인 못함   응답이 없거나, 권한에 관하여 알 수 없는 응답을 받음

확인하지 못하는 것: 특정 자원만 허용하거나 거부하는 정책, 나머지 리전에서 묻지 않은 호출, 확인한 뒤에 바뀐 권한.
점검 불가는 다른 증적만으로 판정이 확인되지 않는 한 그렇게 된다는 뜻이며, 조회할 것이 없어 보내지 않을 호출도 셉니다.
필수 호출이 모두 허용되면 0, 점검 불가가 될 항목이 있으면 3으로 끝납니다.`,
		Args: noArgs,
	}
	a.configFlag(c.Flags())
	a.tableFlags(c.Flags())
	a.quietFlag(c.Flags())
	a.connectFlags(c.Flags(), &t)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := errors.Join(a.checkAs(), a.checkTimeout()); err != nil {
			return err
		}
		cfg, err := a.loadConfig()
		if err != nil {
			return err
		}
		catalog, err := item.Default()
		if err != nil {
			return err
		}
		conn, err := a.connect(c.Context(), t)
		if err != nil {
			return err
		}
		found, err := a.checkUp(c.Context(), conn, t.scope(cfg))
		if err != nil {
			return err
		}
		report := newCheckup(catalog, found)
		if len(report.UnknownItems) > 0 {
			a.code = exitUnknown
		}
		if a.as == "json" {
			return a.printJSON(report)
		}
		a.printCheckup(report)
		return nil
	}
	return c
}

// checkUp asks AWS, with progress.
func (a *app) checkUp(ctx context.Context, conn *awsconn.Conn, scope collect.Scope) (collect.Checkup, error) {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	p := a.progress()
	defer p.done()
	p.note("계정 확인")
	found, err := collect.CheckUp(ctx, conn, scope, collect.Hooks{
		Identified: func(account string, _ time.Time) error { p.note("계정 " + account); return nil },
		Step:       func(n, of int, title string) { p.note(fmt.Sprintf("[%d/%d] %s 권한 확인", n, of, title)) },
	})
	return found, unknownRegion(err)
}

// newCheckup adds to what AWS said what it costs.
func newCheckup(catalog *item.Catalog, found collect.Checkup) checkup {
	c := checkup{
		Schema: doctorSchema, ProgramVersion: version, CheckedAt: found.Identity.At.In(strictyaml.KST).Format(time.RFC3339),
		ClockSkewSeconds: int64(found.Identity.Skew / time.Second), Source: found.Source, Simulated: found.Source.Simulated(),
		APICalls: view.CountCalls(found.Calls), HomeRegion: found.Home, ClosedRegions: closedRegions(found.Permissions), Permissions: []permission{},
	}
	c.Account.ID, c.Caller.ARN = found.Identity.Account, found.Identity.ARN
	set := &evidence.Set{Caller: evidence.Caller{ARN: found.Identity.ARN}}
	unknown, missing := map[string]bool{}, map[string]bool{}
	for _, x := range found.Permissions {
		p := permission{Operation: x.Action, Region: x.Region, State: x.State, Code: x.Code, ControlPolicy: x.ControlPolicy, UnknownItems: []string{}, MissingItems: []string{}}
		switch x.State {
		case collect.PermissionAllowed:
			c.Counts.Allowed++
		case collect.PermissionDenied:
			c.Counts.Denied++
		default:
			c.Counts.Unchecked++
		}
		if x.State != collect.PermissionAllowed {
			p.UnknownItems, p.MissingItems = verdict.Costs(catalog, set, x.Action, x.Region)
		}
		for _, id := range p.UnknownItems {
			unknown[id] = true
		}
		for _, id := range p.MissingItems {
			missing[id] = true
		}
		c.Permissions = append(c.Permissions, p)
	}
	c.UnknownItems, c.MissingItems = []string{}, []string{}
	for _, it := range catalog.Items {
		switch {
		case unknown[it.ID]:
			c.UnknownItems = append(c.UnknownItems, it.ID)
		case missing[it.ID]:
			c.MissingItems = append(c.MissingItems, it.ID)
		}
	}
	slices.SortStableFunc(c.Permissions, func(a, b permission) int { return cmp.Compare(a.rank(), b.rank()) })
	return c
}

// rank puts what costs most first.
func (p permission) rank() int {
	switch {
	case p.State == collect.PermissionAllowed:
		return 4
	case len(p.UnknownItems) > 0 && p.State == collect.PermissionDenied:
		return 0
	case len(p.UnknownItems) > 0:
		return 1
	case p.State == collect.PermissionDenied:
		return 2
	}
	return 3
}

// closedRegions are those in which everything was denied that another region or
// AWS's own word shows not to be a matter of the permission alone.
func closedRegions(all []collect.Permission) []closedRegion {
	closed := []closedRegion{}
	allowed, open := map[string]bool{}, map[string]bool{} // actions anywhere, regions with anything
	for _, p := range all {
		if p.State == collect.PermissionAllowed {
			allowed[p.Action] = true
		}
		if p.State != collect.PermissionDenied {
			open[p.Region] = true
		}
	}
	for _, p := range all {
		if open[p.Region] || !allowed[p.Action] && !p.ControlPolicy {
			continue
		}
		i := slices.IndexFunc(closed, func(c closedRegion) bool { return c.Region == p.Region })
		if i < 0 {
			closed, i = append(closed, closedRegion{Region: p.Region, SignIn: evidence.IsSignIn(p.Region)}), len(closed)
		}
		closed[i].ControlPolicy = closed[i].ControlPolicy || p.ControlPolicy
	}
	slices.SortFunc(closed, func(a, b closedRegion) int { return strings.Compare(a.Region, b.Region) })
	return closed
}

var permissionWords = map[collect.PermissionState]struct{ word, colour string }{
	collect.PermissionAllowed: {"허용", ansi[string(verdict.Good)]}, collect.PermissionDenied: {"거부", ansi[string(verdict.Vulnerable)]},
	collect.PermissionUnchecked: {"확인 못함", ansi[string(verdict.Unknown)]},
}

// printCheckup prints one row for what is the same in several regions, offenders
// first, and what follows from it below.
func (a *app) printCheckup(c checkup) {
	var rows [][]string
	var states []collect.PermissionState
	regions := map[string][]string{} // by row
	for _, p := range c.Permissions {
		row := []string{permissionWords[p.State].word, p.Operation, "", "-", listOr(p.UnknownItems), listOr(p.MissingItems)}
		if p.State != collect.PermissionAllowed {
			row[3] = view.CodeText(p.Code)
			if p.ControlPolicy {
				row[3] += ", SCP의 명시적 거부"
			}
		}
		key := strings.Join(row, "\x00")
		if regions[key] == nil {
			rows, states = append(rows, row), append(states, p.State)
		}
		regions[key] = append(regions[key], p.Region)
	}
	asked := map[string]int{} // regions, by operation
	for _, p := range c.Permissions {
		asked[p.Operation]++
	}
	for _, row := range rows {
		in := regions[strings.Join(row, "\x00")]
		row[2] = regionList(in, len(in) == asked[row[1]])
	}
	out := a.env.Stdout
	table(out, []string{"상태", "호출", "리전", "오류 코드", "점검 불가", "조회 불가"}, rows, func(row, col int, text string) string {
		if col > 0 || !a.env.Color || a.noColor {
			return text
		}
		return "\x1b[" + permissionWords[states[row]].colour + "m" + text + "\x1b[0m"
	})
	fmt.Fprintf(out, "\n계정 %s, 호출 주체 %s\n", c.Account.ID, c.Caller.ARN)
	fmt.Fprintf(out, "허용 %d건, 거부 %d건, 확인 못함 %d건(API 호출 %d회, 재시도 %d회)\n", c.Counts.Allowed, c.Counts.Denied, c.Counts.Unchecked, c.APICalls.Total, c.APICalls.Retries)
	for _, line := range c.notes() {
		fmt.Fprintln(out, line)
	}
}

// namedRegions is how many regions a row of the table names.
const namedRegions = 4

// regionList keeps the column narrow: --as json has every name.
func regionList(in []string, all bool) string {
	switch {
	case all && len(in) > 1:
		return fmt.Sprintf("확인한 %d개 리전 모두", len(in))
	case len(in) > namedRegions:
		return fmt.Sprintf("%s 외 %d개 리전", strings.Join(in[:namedRegions-1], ", "), len(in)-namedRegions+1)
	}
	return strings.Join(in, ", ")
}

func listOr(ids []string) string {
	if len(ids) == 0 {
		return "-"
	}
	return strings.Join(ids, ", ")
}

// notes are the sentences below the table.
func (c checkup) notes() []string {
	var out []string
	if c.Counts.Denied+c.Counts.Unchecked == 0 {
		out = append(out, "거부되었거나 확인하지 못한 호출이 없습니다.")
	}
	if len(c.UnknownItems) > 0 {
		out = append(out, "이대로 수집하면 점검 불가가 될 항목: "+strings.Join(c.UnknownItems, ", "))
	}
	if len(c.MissingItems) > 0 {
		out = append(out, "'조회 불가'로 표시되고 확보된 증적만으로 판정할 항목(더 엄격하게 판정될 수 있음): "+strings.Join(c.MissingItems, ", "))
	}
	if slices.ContainsFunc(c.Permissions, func(p permission) bool { return p.State == collect.PermissionDenied }) {
		out = append(out, "필요한 권한은 'auditbinder policy'로 볼 수 있습니다.")
	}
	var spare, always []string
	for _, r := range c.ClosedRegions {
		name := r.Region
		if r.ControlPolicy {
			name += "(SCP의 명시적 거부)"
		}
		if r.SignIn {
			always = append(always, name)
		} else {
			spare = append(spare, name)
		}
	}
	if len(spare) > 0 {
		out = append(out, "닫힌 리전: "+strings.Join(spare, ", ")+". 사용하지 않는 리전이면 설정의 regions 또는 --regions에 나머지 리전만 적으십시오.")
	}
	if len(always) > 0 {
		out = append(out, "닫힌 콘솔 로그인 리전: "+strings.Join(always, ", ")+". 범위와 관계없이 언제나 조회하는 리전입니다.")
	}
	if slices.ContainsFunc(c.Permissions, func(p permission) bool {
		return p.State == collect.PermissionDenied && strings.HasPrefix(p.Operation, "organizations:")
	}) {
		out = append(out, "조직의 정책은 관리 계정이나 위임받은 계정에서만 조회할 수 있어, 멤버 계정에서는 권한을 주어도 거부됩니다.")
	}
	switch {
	case c.Simulated:
		out = append(out, "출처: AWS가 아닌 엔드포인트. 이대로 수집하면 모든 쪽에 '모의 환경 수집분 · 제출 불가'가 인쇄됩니다.")
	case c.Source == evidence.SourceIntercepted:
		out = append(out, "출처: AWS(TLS 검사 경유). 표지와 한계에 그 사실이 인쇄되므로 AWS 호스트를 TLS 검사 대상에서 빼기를 권합니다.")
	default:
		out = append(out, "출처: AWS")
	}
	if skew := time.Duration(c.ClockSkewSeconds) * time.Second; skew.Abs() > view.MaxSkew {
		out = append(out, fmt.Sprintf("이 PC의 시계가 AWS 시각과 %s 차이가 있습니다. 시각을 맞추십시오.", skew.Abs()))
	}
	return append(out, "특정 자원에 한정된 정책, 나머지 리전에서 묻지 않은 호출, 이후의 권한 변경은 확인하지 못합니다.")
}
