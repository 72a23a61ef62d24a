package item
import ("testing";"strings";"time";"fmt")
func TestZZ(t *testing.T){
 for _,s:=range []string{"!a ","&a ","*a ","? ","a: b\n","- ","'","\"","a:\n","|\n","# x\n","%a\n","---\n",": ","a: !b &c ","<<: ","- a\n","\t","a,","\n"," a\n","id: x\n  - \n", "!a\n", "&a\n","? a\n",": a\n", "\u3000", "- - a\n", "a: |\n", "a: >\n "} {
  for _, pre := range []string{"", "id: ", "id: [", "id: '", "id: |\n  "} {
  st:=time.Now()
  _,_,err:=parseItem("items/AAA-01.yaml",[]byte(pre+strings.Repeat(s,maxFileSize/len(s)-10)),Laws{})
  if d:=time.Since(st); d>300*time.Millisecond { fmt.Printf("%q %q %v %.80v\n",pre,s,d,err)}
 }}
}
