package pagetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"todo-app/internal/app"
)

// drawing gives the page a function that draws Markdown and says as what.
const drawing = `(async () => {
	const at = new URL(document.querySelector('script[type=module]').src);
	const [{markdown}, {html, render}] = await Promise.all(['markdown.js', 'ui.js'].map(name => import(new URL(name, at))));
	window.draw = text => {
		const root = document.createElement('div');
		render(html` + "`<div>${markdown(text)}</div>`" + `, root);
		return root.firstChild;
	};
	return 0;
})()`

// draws returns what a page draws of Markdown, without what all of it has.
func (p *person) draws(text string) string {
	p.Helper()
	drawn := asks[string](p, "draw("+quoted(text)+").innerHTML")
	return strings.NewReplacer(` dir="auto"`, "", ` target="_blank" rel="noopener noreferrer"`, "").Replace(drawn)
}

func TestMarkdownIsDrawnAndNothingElse(t *testing.T) {
	p := visit(t, serve(t).url)
	p.sees("Today")
	asks[int](p, drawing)
	for text, want := range map[string]string{
		"**Pay rent** is *late*, `do` it __now__ or _never_":  "<p><strong>Pay rent</strong> is <em>late</em>, <code>do</code> it <strong>now</strong> or <em>never</em></p>",
		"***both*** and **bold *within***":                    "<p><strong><em>both</em></strong> and <strong>bold <em>within</em></strong></p>",
		"one\ntwo\n\nthree":                                   "<p>one\ntwo</p><p>three</p>",
		"Due:\n- a\n  - b\n  - **c**\n- d\n  more\n\nend":     "<p>Due:</p><ul><li>a<ul><li>b</li><li><strong>c</strong></li></ul></li><li>d\nmore</li></ul><p>end</p>",
		"3. three\n\n4. four\n* five":                         `<ol start="3"><li>three</li><li>four</li></ol><ul><li>five</li></ul>`,
		"## Overdue\nnone":                                    "<p><strong>Overdue</strong></p><p>none</p>",
		"snake_case_name 2 * 3 * 4 ** _ * `":                  "<p>snake_case_name 2 * 3 * 4 ** _ * `</p>",
		"**not closed":                                        "<p>**not closed</p>",
		"``a ` b`` \\*plain\\* C:\\dir":                       "<p><code>a ` b</code> *plain* C:\\dir</p>",
		"[here](https://a.example/x?y=1)":                     `<p><a href="https://a.example/x?y=1"><bdi>here</bdi> <bdi class="quiet">(a.example)</bdi></a></p>`,
		"[a.example](http://a.example)":                       `<p><a href="http://a.example/"><bdi>a.example</bdi></a></p>`,
		"[bank.example](https://bank.example@evil.example/)":  `<p><a href="https://bank.example@evil.example/"><bdi>bank.example</bdi> <bdi class="quiet">(evil.example)</bdi></a></p>`,
		"Delete “[x](https://evil.example) **a** __b__ `c`”?": "<p>Delete “[x](https://evil.example) **a** __b__ `c`”?</p>",
		"کیا ”[x](https://evil.example)“ کو **حذف** کروں؟":    "<p>کیا ”[x](https://evil.example)“ کو <strong>حذف</strong> کروں؟</p>",
		"“never **closed**":                                   "<p>“never <strong>closed</strong></p>",
		"کام: **کرایہ**\n- ایک":                               "<p>کام: <strong>کرایہ</strong></p><ul><li>ایک</li></ul>",
		"":                                                    "", "\n \n": "", "-": "<p>-</p>", "1.": "<p>1.</p>", "- \n": "<p>- </p>",
	} {
		if diff := cmp.Diff(want, p.draws(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// hostile are texts that a model may be made to say.
var hostile = []string{
	"<img src=x onerror=alert(1)>", "<script>alert(1)</script>", "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](data:text/html,<script>alert(1)</script>)",
	"[x](vbscript:x)", "![x](https://evil.example/pixel.png)", "[x](https://evil.example/\"onmouseover=alert(1))", "[x](https://[::bad)", "[x]( https://a.example)",
	"[x](//evil.example)", "[x](file:///etc/passwd)", "<https://evil.example>", "<a href=https://evil.example>x</a>", "[<b>x</b>](https://a.example/<b>)",
	"`<svg/onload=alert(1)>`", "**<iframe src=//evil.example>**", "- <style>*{display:none}</style>", "[x][1]\n\n[1]: javascript:alert(1)", "\u202egnp.exe\u202c \u0000 &lt;b&gt; &#60;b&#62;",
	"[a\u202eb](https://evil.example)", "{{constructor.constructor('alert(1)')()}} ${alert(1)}", "[x](https://a.example\njavascript:alert(1))", "1. <object data=x>\n   <embed src=y>",
}

func TestNothingThatAModelSaysRunsOrLoads(t *testing.T) {
	p := visit(t, serve(t).url)
	p.sees("Today")
	asks[int](p, drawing)
	for _, text := range hostile {
		strange := asks[[]string](p, `[...draw(`+quoted(text)+`).querySelectorAll('*')].flatMap(one => [
			...(['P', 'UL', 'OL', 'LI', 'STRONG', 'EM', 'CODE', 'A', 'BDI'].includes(one.tagName) ? [] : [one.tagName]),
			...one.getAttributeNames().filter(name => !['dir', 'start', 'href', 'target', 'rel', 'class'].includes(name)),
			...(one.tagName !== 'A' || /^https?:$/.test(one.protocol) && one.rel === 'noopener noreferrer' ? [] : [one.href]),
		])`)
		if len(strange) > 0 {
			t.Errorf("%q becomes %v", text, strange)
		}
	}
	for text, want := range map[string]string{"![x](https://evil.example/pixel.png)": "!x (evil.example)", "[x](javascript:alert(1))": "[x](javascript:alert(1))", "<b>&lt;</b>": "<b>&lt;</b>"} {
		if got := asks[string](p, "draw("+quoted(text)+").textContent"); got != want {
			t.Errorf("%q reads %q", text, got)
		}
	}
}

func TestMarkdownWithoutEndIsDrawnInTime(t *testing.T) {
	p := visit(t, serve(t).url)
	p.sees("Today")
	asks[int](p, drawing)
	const many = 100_000 // what takes the square of that would not be done within the test
	for _, piece := range []string{"*a ", "**a ", "*a** ", "_a ", "a*", "`", "` ``", "``` ` ", "[", "[a](", "[a](https://a", "[a](https://a.example) ", "\\", "- ", "- a\n", "#", "# ", "*", "_", "**a**", "1. a\n\n"} {
		if length := asks[int](p, fmt.Sprintf("draw(%s.repeat(%d)).textContent.length", quoted(piece), many/len(piece))); length == 0 {
			t.Errorf("nothing is left of %q", piece)
		}
	}
	for _, nested := range []string{"Array.from({length: 3000}, (_, i) => ' '.repeat(i) + '- a').join('\\n')", "'*'.repeat(5000) + 'a' + '*'.repeat(5000)", "'*a **b '.repeat(5000) + 'c** d*'.repeat(5000)"} {
		if depth := asks[int](p, "(deep => deep(deep, draw("+nested+")))((deep, one) => 1 + Math.max(0, ...[...one.children].map(child => deep(deep, child))))"); depth > 20 {
			t.Errorf("%s is %d deep", nested, depth)
		}
	}
}

func TestAModelsMarkdownIsReadableAndTitlesStayAsTheyAre(t *testing.T) {
	model := sayingModel(t, "You have **two tasks**:\n\n- `Pay rent`, *late*\n- [Read this](https://docs.example/a)\n\n<img src=x onerror=alert(1)>")
	s := serveAs(t, func(s *app.Settings) {
		open(s)
		s.Model = app.Model{URL: model, Name: "m"}
	})
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	p.chats()
	drawn := func() bool {
		return p.answers("document.querySelector('.words strong')?.textContent === 'two tasks' && document.querySelectorAll('.words li').length === 2 && !document.querySelector('.talk img')") &&
			strings.Contains(p.answer(), "<img src=x onerror=alert(1)>")
	}
	p.says("what is there to do?")
	p.until("it is drawn", drawn)
	p.photograph("chat-markdown")
	p.isAccessible("an answer with Markdown")
	p.do(chromedp.Reload())
	p.chats()
	p.until("it is drawn when it is read again", drawn)

	// Rules say titles as they are.
	rules := serve(t)
	p = visit(t, rules.url+"/#all")
	p.sees("Nothing here yet")
	p.chats()
	p.says("add Learn *args and **kwargs and __init__")
	whole := func() bool { return strings.Contains(p.answer(), "Learn *args and **kwargs and __init__") }
	p.until("the title as it is", whole)
	p.do(chromedp.Reload())
	p.chats()
	p.until("the title as it is, read again", whole)
	if p.answers("!!document.querySelector('.words strong, .words em')") {
		t.Error("a title is taken for Markdown")
	}
}
