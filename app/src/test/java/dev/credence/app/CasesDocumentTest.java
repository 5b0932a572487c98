package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.app.DocumentedSteps.Step;
import dev.credence.app.DocumentedSteps.Typed;
import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.audit.Gate;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.Verdict;
import dev.credence.core.figures.FigureFormat;
import dev.credence.data.audits.AuditJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables of docs/cases.md that are of the logs say what its commands print, cell by cell. */
class CasesDocumentTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Path CASES = ROOT.resolveSibling("shared").resolve("cases");
    private static final String FROM_THE_LOG = "| | from the log |";

    @TempDir
    private Path folder;

    @Test
    void theTablesOfTheLogsAreWhatTheCommandsPrint() throws IOException {
        Path document = ROOT.resolve("docs").resolve("cases.md");
        assumeTrue(
                Files.exists(document) && Files.isDirectory(CASES), "the documents or the shared cases are not there");
        String text = Files.readString(document);
        List<StepAudit> audits = audits(text);
        assertThat(audits).hasSize(4);

        List<String> lines = text.lines().toList();
        int start = lines.indexOf("| figure | rloo-beta0.05 | grpo-beta0 | dpo-beta0.1 | filtered-sft |");
        List<String> first = lines.subList(start + 2, lines.size()).stream()
                .takeWhile(line -> line.startsWith("|"))
                .toList();
        assertThat(first).hasSizeGreaterThan(30);
        assertThat(first)
                .isEqualTo(first.stream().map(line -> row(head(line), audits)).toList());

        String id = "";
        int again = 0;
        for (String line : lines) {
            if (line.startsWith("| `") && line.contains("| drawn here |")) {
                id = head(line);
            } else if (line.startsWith(FROM_THE_LOG)) {
                assertThat(line).isEqualTo(FROM_THE_LOG + row(id, audits).substring(("| " + id + " |").length()));
                again++;
            }
        }
        assertThat(again).isGreaterThan(8);
    }

    /** What the first commands of the document come to. */
    private List<StepAudit> audits(String text) throws IOException {
        List<StepAudit> audits = new ArrayList<>();
        for (Step step : DocumentedSteps.of(text, Map.of("CASES", CASES.toString()))) {
            if (step instanceof Typed command && command.line().startsWith("audit $CASES/plays/rollouts")) {
                Path json = folder.resolve(audits.size() + ".json");
                Cli.run(Stream.concat(command.words().stream(), Stream.of("--json", json.toString()))
                        .toArray(String[]::new));
                AuditReport report = AuditJson.read(json);
                audits.add(report.last());
            }
        }
        return audits;
    }

    private static String head(String line) {
        return line.split("\\|", -1)[1].strip();
    }

    private static String row(String head, List<StepAudit> audits) {
        Function<StepAudit, String> cell = switch (head) {
            case "gates that fail" -> audit -> gates(audit, Gate.Status.FAIL);
            case "gates that warn" -> audit -> gates(audit, Gate.Status.WARN);
            case "verdict" -> audit -> audit.verdict().label().words();
            case "verdict on what was asked" -> CasesDocumentTest::asked;
            default -> audit -> cell(audit.findings().get(head.replace("`", "")));
        };
        return audits.stream().map(cell).collect(Collectors.joining(" | ", "| " + head + " | ", " |"));
    }

    private static String gates(StepAudit audit, Gate.Status status) {
        String names = audit.gates().stream()
                .filter(gate -> gate.status() == status)
                .map(Gate::id)
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "none" : names;
    }

    private static String asked(StepAudit audit) {
        Verdict asked = audit.verdicts().get("asked");
        return asked == null ? FigureFormat.MISSING : asked.label().words();
    }

    /** As the terminal prints it; in italics where it is withdrawn, a dash where it then says nothing. */
    private static String cell(Finding finding) {
        String shown = FindingFormat.of(finding);
        boolean none = shown.startsWith(FigureFormat.MISSING);
        return none ? FigureFormat.MISSING : finding.stands() ? shown : "*" + shown + "*";
    }
}
