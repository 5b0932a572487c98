package dev.credence.report;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.UnseenCharacters;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The table of several audits as LaTeX, a row an audit: of its last step the verdict, β, and the figures that a paper states, each with
 * its 95 % interval. A withdrawn figure is a dash, and its reason a comment below the table. Wants the package booktabs.
 */
public final class LatexTable {
    /** Figures by id, with the heading of their column. */
    private static final List<Map.Entry<String, String>> COLUMNS = List.of(
            Map.entry("kl.policy_prior", "KL from prior"),
            Map.entry("bayes_fraction", "Bayes fraction"),
            Map.entry("copies.moment_match", "copies"),
            Map.entry("kl.policy_asked", "KL from asked"));

    /**
     * Signs that LaTeX takes for orders, those that its standard font prints as others, and what it would take for an argument of
     * the line break before a row.
     */
    private static final Map<Character, String> SIGNS = Map.ofEntries(
            Map.entry('[', "{[}"),
            Map.entry('*', "{*}"),
            Map.entry('<', "\\textless{}"),
            Map.entry('>', "\\textgreater{}"),
            Map.entry('|', "\\textbar{}"),
            Map.entry('"', "\\char34{}"),
            Map.entry('\\', "\\textbackslash{}"),
            Map.entry('{', "\\{"),
            Map.entry('}', "\\}"),
            Map.entry('$', "\\$"),
            Map.entry('&', "\\&"),
            Map.entry('#', "\\#"),
            Map.entry('%', "\\%"),
            Map.entry('_', "\\_"),
            Map.entry('^', "\\textasciicircum{}"),
            Map.entry('~', "\\textasciitilde{}"));

    /** Beyond the accented letters of Europe, which every LaTeX prints. */
    private static final int FIRST_FOREIGN = 0x180;

    private static final Pattern POWER = Pattern.compile("×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)");
    private static final String DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    private LatexTable() {}

    /**
     * The table.
     *
     * @param audits a row each, in this order
     * @return lines of LaTeX, to be put into a document as they are
     */
    public static String of(List<NamedAudit> audits) {
        List<String> lines = new ArrayList<>();
        lines.add("% \\usepackage{booktabs}; KL in nats, 95 % intervals in brackets, -- where a figure is withdrawn");
        lines.add("\\begin{tabular}{llr" + "r".repeat(COLUMNS.size()) + "}");
        lines.add("\\toprule");
        StringJoiner heads = new StringJoiner(" & ", "policy & verdict & $\\beta$ & ", " \\\\");
        COLUMNS.forEach(column -> heads.add(column.getValue()));
        lines.add(heads.toString());
        lines.add("\\midrule");
        audits.forEach(named -> lines.add(row(named)));
        lines.add("\\bottomrule");
        lines.add("\\end{tabular}");
        audits.stream()
                .map(NamedAudit::name)
                .filter(name -> name.chars().anyMatch(sign -> sign >= FIRST_FOREIGN))
                .forEach(name ->
                        lines.add(comment(name + ": pdflatex has no letters for all of it; xelatex and lualatex do"
                                + " with a font that has them")));
        audits.forEach(named -> lines.addAll(withdrawn(named)));
        audits.forEach(named -> lines.add(origin(named)));
        return String.join("\n", lines) + "\n";
    }

    private static String row(NamedAudit named) {
        StepAudit last = named.audit().last();
        Double beta = named.audit().beta();
        StringJoiner cells = new StringJoiner(" & ", "", " \\\\");
        cells.add(escaped(named.name()));
        cells.add(last.verdict().label().words());
        cells.add(beta == null ? "--" : number(FigureFormat.of(beta)));
        for (Map.Entry<String, String> column : COLUMNS) {
            Finding finding = last.findings().get(column.getKey());
            cells.add(finding == null || !finding.stands() ? "--" : number(FindingFormat.of(finding)));
        }
        return cells.toString();
    }

    private static List<String> withdrawn(NamedAudit named) {
        List<String> lines = new ArrayList<>();
        for (Map.Entry<String, String> column : COLUMNS) {
            Finding finding = named.audit().last().findings().get(column.getKey());
            if (finding != null && !finding.stands()) {
                lines.add(comment(named.name() + ", " + column.getValue() + ": " + finding.reason()));
            }
        }
        return lines;
    }

    /** What the caption should say of a row: its reward, how many records it rests on, what made it. */
    private static String origin(NamedAudit named) {
        AuditReport audit = named.audit();
        long records = audit.last().prompts().stream()
                .mapToLong(prompt -> (long) prompt.priorRecords() + prompt.policyRecords())
                .sum();
        int prompts = audit.last().prompts().size();
        return comment(named.name() + ": reward " + audit.reward()
                + (records == 0
                        ? ""
                        : ", " + FigureFormat.counted(records, "record") + " of "
                                + FigureFormat.counted(prompts, "prompt")));
    }

    /** A comment is one line, whatever a name or a reason holds. */
    private static String comment(String text) {
        return "% " + printable(text);
    }

    /** One line; a sign that no font has is written as its number. */
    private static String printable(String text) {
        StringBuilder shown = new StringBuilder();
        for (char sign : text.replaceAll("\\s+", " ").toCharArray()) {
            if (UnseenCharacters.isOne(sign)) {
                shown.append(String.format(Locale.ROOT, "\\u%04x", (int) sign));
            } else {
                shown.append(sign);
            }
        }
        return shown.toString();
    }

    /** A name as LaTeX prints it. */
    static String escaped(String name) {
        StringBuilder text = new StringBuilder();
        for (char sign : printable(name).toCharArray()) {
            text.append(SIGNS.getOrDefault(sign, String.valueOf(sign)));
        }
        return text.toString().replace("--", "-{}-").replace("--", "-{}-"); // else a dash; twice, since they overlap
    }

    /** A figure's text with the signs that are mathematics. */
    static String number(String shown) {
        Matcher power = POWER.matcher(shown);
        String text =
                power.replaceAll(found -> Matcher.quoteReplacement("$\\times 10^{" + plain(found.group(1)) + "}$"));
        return text.replace("−", "$-$").replace("∞", "$\\infty$").replace(FigureFormat.MISSING, "--");
    }

    private static String plain(String superscript) {
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < superscript.length(); i++) {
            char digit = superscript.charAt(i);
            digits.append(digit == '⁻' ? "-" : String.valueOf(DIGITS.indexOf(digit)));
        }
        return digits.toString();
    }
}
