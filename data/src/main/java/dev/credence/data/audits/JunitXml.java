package dev.credence.data.audits;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.ThresholdOutcome;
import dev.credence.core.audit.Verdict;
import dev.credence.core.provenance.Provenance;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An audit as JUnit's XML, which build servers show as a list of tests: one test case a threshold and one for the verdict.
 * It never contradicts the exit code: a failure is a threshold that was missed (4), an error a figure that was withdrawn, or
 * without thresholds a verdict that cannot tell (3). A verdict that cannot tell where thresholds decide is skipped.
 */
public final class JunitXml {
    private static final String CLASS = "credence.audit";

    private final StringBuilder xml = new StringBuilder();

    private JunitXml() {}

    /** How a test case ended. */
    private enum End {
        PASSED(""),
        FAILED("failure"),
        BROKEN("error"),
        SKIPPED("skipped");

        private final String element;

        End(String element) {
            this.element = element;
        }
    }

    /**
     * One test case.
     *
     * @param name its name
     * @param end how it ended
     * @param type of a failure or error, one word
     * @param message one line
     * @param text what to show besides, or null
     */
    private record Case(
            String name,
            End end,
            String type,
            String message,
            @Nullable String text) {}

    /**
     * Writes an audit.
     *
     * @param title what was audited
     * @param report the audit, its thresholds with their outcomes
     * @param out where to; stays open
     * @throws IOException if writing fails
     */
    public static void write(String title, AuditReport report, OutputStream out) throws IOException {
        out.write(toString(title, report).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * An audit as a text.
     *
     * @param title what was audited
     * @param report the audit
     * @return its XML
     */
    public static String toString(String title, AuditReport report) {
        JunitXml writer = new JunitXml();
        writer.suites(title, report);
        return writer.xml.toString();
    }

    private void suites(String title, AuditReport report) {
        List<Case> cases = Stream.concat(
                        report.thresholds().stream().map(JunitXml::threshold), Stream.of(verdict(report)))
                .toList();
        xml.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        open(0, "testsuites", "name", "credence audit");
        counts(cases);
        xml.append(">\n");
        open(1, "testsuite", "name", title);
        counts(cases);
        xml.append(">\n");
        properties(report);
        cases.forEach(this::testCase);
        xml.append("  </testsuite>\n</testsuites>\n");
    }

    private static Case threshold(ThresholdOutcome outcome) {
        End end = outcome.isWithdrawn() ? End.BROKEN : outcome.isMissed() ? End.FAILED : End.PASSED;
        String type = outcome.isWithdrawn() ? "withdrawn" : "threshold";
        String message = outcome.isWithdrawn() ? "withdrawn: " + outcome.reason() : outcome.reason();
        String before = outcome.before().stream().map(line -> "; " + line).collect(Collectors.joining());
        return new Case(
                outcome.demand(), end, type, message + before, end == End.PASSED ? outcome.reason() + before : null);
    }

    private static Case verdict(AuditReport report) {
        Verdict verdict = report.last().verdict();
        StringBuilder text = new StringBuilder(verdict.text());
        verdict.advice().stream()
                .distinct()
                .forEach(advice -> text.append("\n- ").append(advice));
        boolean undecided = verdict.label() == Verdict.Label.CANNOT_TELL;
        End end = !undecided ? End.PASSED : report.thresholds().isEmpty() ? End.BROKEN : End.SKIPPED;
        String message = end == End.SKIPPED ? "cannot tell; the thresholds decide" : "the records do not decide";
        return new Case("verdict: " + verdict.label().words(), end, "cannot tell", message, text.toString());
    }

    private void properties(AuditReport report) {
        xml.append("    <properties>\n");
        property("verdict", report.last().verdict().label().words());
        property("reward", report.reward());
        property("beta", report.beta() == null ? "not given" : String.valueOf(report.beta()));
        if (report.last().step() != null) {
            property("step", String.valueOf(report.last().step()));
        }
        Provenance provenance = report.provenance();
        property("credence", provenance.version());
        property("command", provenance.command());
        for (Map.Entry<String, String> setting : provenance.settings().entrySet()) {
            property("setting " + setting.getKey(), setting.getValue());
        }
        provenance.inputs().forEach(input -> property("sha256 of " + input.name(), input.sha256()));
        xml.append("    </properties>\n");
    }

    private void property(String name, String value) {
        open(3, "property", "name", name, "value", value);
        xml.append("/>\n");
    }

    private void testCase(Case each) {
        open(2, "testcase", "classname", CLASS, "name", each.name, "time", "0");
        xml.append(">\n");
        if (each.end != End.PASSED) {
            open(3, each.end.element, "message", each.message);
            if (each.end != End.SKIPPED) {
                attribute("type", each.type);
            }
            xml.append(">")
                    .append(escaped(each.message))
                    .append("</")
                    .append(each.end.element)
                    .append(">\n");
        }
        if (each.text != null) {
            xml.append("      <system-out>").append(escaped(each.text)).append("</system-out>\n");
        }
        xml.append("    </testcase>\n");
    }

    private void counts(List<Case> cases) {
        attribute("tests", String.valueOf(cases.size()));
        attribute("failures", count(cases, End.FAILED));
        attribute("errors", count(cases, End.BROKEN));
        attribute("skipped", count(cases, End.SKIPPED));
        attribute("time", "0");
    }

    private static String count(List<Case> cases, End end) {
        return String.valueOf(cases.stream().filter(each -> each.end == end).count());
    }

    private void open(int depth, String element, String... attributes) {
        xml.append("  ".repeat(depth)).append('<').append(element);
        for (int i = 0; i < attributes.length; i += 2) {
            attribute(attributes[i], attributes[i + 1]);
        }
    }

    private void attribute(String name, String value) {
        xml.append(' ').append(name).append("=\"").append(escaped(value)).append('"');
    }

    /** A text as XML 1.0 can hold it: what it cannot is replaced, line ends in attributes stay. */
    private static String escaped(String text) {
        StringBuilder safe = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\t', '\n', '\r' -> safe.append("&#").append(c).append(';');
                default -> safe.appendCodePoint(isXml(c) ? c : 0xfffd);
            }
        });
        return safe.toString();
    }

    private static boolean isXml(int c) {
        return (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) || c >= 0x10000;
    }
}
