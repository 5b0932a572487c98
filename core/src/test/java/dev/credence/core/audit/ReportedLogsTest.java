package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The logs of public reports that cannot be, and their right counterparts. */
class ReportedLogsTest {
    private static final Path REPORTS = Path.of("../../shared/cases/reports");
    private static final Pattern FIELDS = Pattern.compile("\"prompt\": \"([^\"]*)\", \"completion\": \"([^\"]*)\","
            + " \"reward\": ([-0-9.e]+), \"source\": \"(\\w+)\",.* \"logp_prior\": ([-0-9.e]+), \"logp_policy\":"
            + " ([-0-9.e]+).*");

    private static Logs.Row row(String line) {
        Matcher m = FIELDS.matcher(line);
        assertThat(m.find()).as(line).isTrue();
        return new Logs.Row(
                m.group(1),
                m.group(4).equals("prior") ? 0 : 1,
                Double.parseDouble(m.group(3)),
                Double.parseDouble(m.group(5)),
                Double.parseDouble(m.group(6)),
                -1,
                false,
                Integer.toUnsignedLong(m.group(2).hashCode()));
    }

    @ParameterizedTest
    @CsvSource({
        "sampled-otherwise/both-0.7.jsonl, two_estimates",
        "sampled-otherwise/top-4.jsonl, two_estimates",
        "sampled-otherwise/right.jsonl, ",
        "means-for-sums/means.jsonl, total_probability",
        "means-for-sums/sums.jsonl, "
    })
    void aGateFailsWhereOneMust(String file, String gate) throws IOException {
        assumeTrue(Files.isDirectory(REPORTS), "the shared cases are not beside the repository");
        List<Logs.Row> rows;
        try (var lines = Files.lines(REPORTS.resolve(file))) {
            rows = lines.map(ReportedLogsTest::row).toList();
        }
        List<String> fired = Audit.of(Logs.of(rows), Logs.options(null)).gates().stream()
                .filter(g -> g.status() == Gate.Status.FAIL)
                .map(Gate::id)
                .toList();
        List<String> impossible = fired.stream()
                .filter(id -> List.of("two_estimates", "total_probability", "same_text", "groups")
                        .contains(id))
                .toList();
        if (gate == null) {
            assertThat(impossible).isEmpty();
        } else {
            assertThat(impossible).contains(gate);
        }
    }
}
