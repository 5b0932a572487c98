package dev.credence.data.audits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Plots;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.ThresholdOutcome;
import dev.credence.core.audit.ThresholdOutcome.Side;
import dev.credence.core.audit.Verdict;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.Provenance;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class JunitXmlTest {
    private static AuditReport report(Verdict.Label label, String words, ThresholdOutcome... thresholds) {
        Verdict verdict = new Verdict(label, words, List.of("Do " + words, "Do " + words));
        StepAudit step = new StepAudit(
                null,
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                verdict,
                Map.of("stated", verdict),
                new Plots(List.of(), Double.NaN, null, List.of()));
        Provenance provenance = new Provenance(
                "0.1.0", words, 1, Map.of("reward", words), List.of(new Provenance.Input(words, 1, "ab")));
        return new AuditReport(null, words, RewardType.SCORE, List.of(step), provenance, List.of(thresholds));
    }

    private static final ThresholdOutcome MET = new ThresholdOutcome("a", 0.8, Side.UNDER, true, "kept");
    private static final ThresholdOutcome MISSED = new ThresholdOutcome("b", 5, Side.OVER, false, "missed");
    private static final ThresholdOutcome WITHDRAWN = new ThresholdOutcome("c", 5, Side.OVER, null, "too few");

    private static Element suites(String title, AuditReport report) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        JunitXml.write(title, report, out);
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(out.toByteArray()))
                .getDocumentElement();
    }

    private static List<Element> elements(Element parent, String name) {
        NodeList found = parent.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            elements.add((Element) found.item(i));
        }
        return elements;
    }

    /** How each test case ended: the name of the element in it, or none. */
    private static List<String> ends(Element suites) {
        return elements(suites, "testcase").stream()
                .map(each -> List.of("failure", "error", "skipped").stream()
                        .filter(end -> !elements(each, end).isEmpty())
                        .findFirst()
                        .orElse("passed"))
                .toList();
    }

    @Test
    void thereIsATestCaseForEachThresholdAndOneForTheVerdict() throws Exception {
        Element suites = suites("log.jsonl", report(Verdict.Label.PARTLY, "so", MET, MISSED, WITHDRAWN));
        assertThat(elements(suites, "testcase"))
                .extracting(each -> each.getAttribute("name"))
                .containsExactly("a ≥ 0.8", "b ≤ 5", "c ≤ 5", "verdict: partly");
        assertThat(ends(suites)).containsExactly("passed", "failure", "error", "passed");
        Element withdrawn = elements(suites, "error").get(0);
        assertThat(withdrawn.getAttribute("type")).isEqualTo("withdrawn");
        assertThat(withdrawn.getAttribute("message")).isEqualTo("withdrawn: too few");
        assertThat(elements(suites, "failure").get(0).getTextContent()).isEqualTo("missed");
        Element suite = elements(suites, "testsuite").get(0);
        for (Element counted : List.of(suites, suite)) {
            assertThat(counted.getAttribute("tests")).isEqualTo("4");
            assertThat(counted.getAttribute("failures")).isEqualTo("1");
            assertThat(counted.getAttribute("errors")).isEqualTo("1");
            assertThat(counted.getAttribute("skipped")).isEqualTo("0");
        }
        assertThat(elements(suites, "system-out").get(1).getTextContent()).isEqualTo("so\n- Do so");
    }

    @ParameterizedTest
    @EnumSource(Verdict.Label.class)
    void theVerdictDecidesOnlyWhereNoThresholdDoes(Verdict.Label label) throws Exception {
        boolean undecided = label == Verdict.Label.CANNOT_TELL;
        assertThat(ends(suites("x", report(label, "so")))).containsExactly(undecided ? "error" : "passed");
        assertThat(ends(suites("x", report(label, "so", MET))))
                .containsExactly("passed", undecided ? "skipped" : "passed");
    }

    @Test
    void hostileNamesLeaveItWellFormed() throws Exception {
        SplittableRandom random = new SplittableRandom(3);
        String hostile = "<>&\"']]>\u0000\u0007\t\n\r\ud800\udc00\ud800x\ufffe\uffff--><!--é\u2028";
        for (int run = 0; run < 300; run++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(12); i >= 0; i--) {
                text.append(
                        random.nextBoolean()
                                ? hostile.charAt(random.nextInt(hostile.length()))
                                : (char) random.nextInt(0x10000));
            }
            String name = text.toString();
            ThresholdOutcome missed = new ThresholdOutcome(name, 1, Side.OVER, false, name);
            Element suites = suites(name, report(Verdict.Label.NOT, name, missed));
            assertThat(ends(suites)).as(name).containsExactly("failure", "passed");
            String read = elements(suites, "failure").get(0).getAttribute("message");
            assertThat(read.codePointCount(0, read.length())).isEqualTo(name.codePointCount(0, name.length()));
        }
    }

    @Test
    void whatXmlCanHoldIsReadBackAsItWas() throws Exception {
        String text = "a <b> & \"c\" 'd' ]]> \t\r\n é 😀 ";
        ThresholdOutcome missed = new ThresholdOutcome("x", 1, Side.OVER, false, text);
        Element failure = elements(suites(text, report(Verdict.Label.NOT, text, missed)), "failure")
                .get(0);
        assertThat(failure.getAttribute("message")).isEqualTo(text);
        assertThat(failure.getTextContent()).isEqualTo(text);
    }
}
