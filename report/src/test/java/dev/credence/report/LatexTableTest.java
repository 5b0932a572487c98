package dev.credence.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LatexTableTest {
    @Test
    void numbersBecomeMathematicsWhereTheyHaveSigns() {
        assertThat(LatexTable.number("0.439 [0.422, 0.452]")).isEqualTo("0.439 [0.422, 0.452]");
        assertThat(LatexTable.number("−0.05 [−0.06, ∞]")).isEqualTo("$-$0.05 [$-$0.06, $\\infty$]");
        assertThat(LatexTable.number("8.01×10⁻⁹")).isEqualTo("8.01$\\times 10^{-9}$");
        assertThat(LatexTable.number("–")).isEqualTo("--");
    }

    @Test
    void namesKeepTheirSigns() {
        assertThat(LatexTable.escaped("a_b & 50% #1 {x} $ ^ ~ \\\nend"))
                .isEqualTo(
                        "a\\_b \\& 50\\% \\#1 \\{x\\} \\$ \\textasciicircum{} \\textasciitilde{} \\textbackslash{} end");
    }

    /** As tried with pdflatex: after the end of a row it reads an argument in brackets or a star, in whatever line they stand. */
    @Test
    void noNameIsReadAsAnOrder() {
        assertThat(LatexTable.escaped("[b] x---y")).isEqualTo("{[}b] x-{}-{}-y");
        assertThat(LatexTable.escaped("*c")).isEqualTo("{*}c");
        assertThat(LatexTable.escaped("a<b>|\"")).isEqualTo("a\\textless{}b\\textgreater{}\\textbar{}\\char34{}");
        assertThat(LatexTable.escaped("e\u0007\u202e")).isEqualTo("e\\textbackslash{}u0007\\textbackslash{}u202e");
        String table = LatexTable.of(
                List.of(new NamedAudit("\u4e2d\u0007", Example.exact()), new NamedAudit("\u00e9", Example.exact())));
        assertThat(table).contains("% \u4e2d\\u0007: pdflatex has no letters").doesNotContain("\u00e9: pdflatex");
        for (char sign = 0; sign < 0x2100; sign++) {
            String bare = LatexTable.escaped("x" + sign).replaceAll("\\\\[&%$#_{}]", "");
            assertThat(bare.replaceAll("\\{\\[?\\*?}", ""))
                    .doesNotContain("{", "}", "[", "*", "&", "%", "$", "#", "_", "^", "~");
        }
    }

    /** A withdrawn figure's reason and a hostile name stay within one line of comment. */
    @Test
    void everyLineIsARowARuleOrAComment() {
        String table = LatexTable.of(List.of(
                new NamedAudit("one\\input{x}\n\\input{y}", Example.exact()),
                new NamedAudit("steps", Example.stepped()),
                new NamedAudit("withdrawn", Example.single())));
        assertThat(table.lines())
                .allMatch(line -> line.startsWith("% ")
                        || line.startsWith("\\begin{tabular}")
                        || line.startsWith("\\end{tabular}")
                        || List.of("\\toprule", "\\midrule", "\\bottomrule").contains(line)
                        || (line.chars().filter(sign -> sign == '&').count() == 6 && line.endsWith(" \\\\")));
        assertThat(table)
                .contains("% withdrawn, KL from asked: khat: 0.74", " & $\\beta$ & ", "\nwithdrawn & ")
                .doesNotContain("\n\\input");
    }
}
