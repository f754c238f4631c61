package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestHonourObjectedAndWithdrawn: last year's commendation stands in the demo county: a
// unit added against the rule was objected to and withdrawn, everybody reads why. Here
// the leading group takes back the commendation of the first unit on the list, and both
// stay readable; a revoked unit has no certificate.
func TestHonourObjectedAndWithdrawn(t *testing.T) {
	year := time.Now().In(time.FixedZone("CST", 8*3600)).Year() - 1
	public := visitor(t, "public-honour", "zh-CN", phone)
	address := fmt.Sprintf("/commendations/%d", year)
	public.open(address)
	public.sees(public.words("honour.is-withdrawn"))
	public.sees(public.words("honour.is-commended"))
	public.shot("honour-public")

	firm := signedIn(t, "c0001", "zh-CN", phone)
	firm.open("/c/honours")
	firm.sees(firm.words("honour.objection-upheld"))
	firm.shot("honour-own")

	watch := signedIn(t, "supervision-1", "zh-CN", desktop)
	watch.open(fmt.Sprintf("/o/honours/%d", year))
	watch.sees(watch.words("honour.rule-h"))
	watch.shot("honour-round")
	watch.follow(`main a[href^="/o/objections/"]`)
	watch.sees(watch.words("honour.filed-by"))

	office := signedIn(t, "party-office-1", "zh-CN", desktop)
	office.open(watch.path())
	office.sees(office.words("honour.filed-secret")) // who objects stays with the supervision office
	office.open(fmt.Sprintf("/o/honours/%d", year))
	office.follow(`main table a[href^="/o/candidates/"]`)
	candidate := office.path()
	office.open(candidate + "/certificate")
	office.sees(office.words("honour.cert-end"))
	office.shot("honour-certificate")

	chair := signedIn(t, "leader-chair", "zh-CN", desktop)
	chair.open(candidate)
	chair.press("honour.revoke-go") // no reason yet
	chair.sees(chair.words("text.missing"))
	why := "经查，该单位上报的走访记录与企业反映不符，不符合表彰条件。"
	chair.fill("text", why)
	chair.press("honour.revoke-go")
	chair.sees(chair.words("honour.is-revoked"))

	public.open(address)
	public.sees(public.words("honour.is-revoked"))
	public.sees(why)
	public.shot("honour-revoked")
	if c := newClient(t, "zh-CN"); true {
		c.signIn("party-office-1")
		if code, body, _ := c.get(portal + candidate + "/certificate"); code != 404 || strings.Contains(body, office.words("honour.cert-end")) {
			t.Errorf("the certificate of a revoked commendation: %d", code)
		}
	}
}
