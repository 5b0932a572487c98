package dev.credence.data.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.RolloutLog;
import dev.credence.core.provenance.InputException;
import dev.credence.data.Cases;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Draws of which only some were kept (docs/formats.md#thinned-draws), and draws of tilts. */
class ThinnedDrawsTest {
    @TempDir
    private Path folder = Path.of("");

    private static RolloutLog only(LogRead read) {
        assertThat(read.steps()).hasSize(1);
        return read.steps().get(0).log();
    }

    private static RolloutLog.Kept kept(RolloutLog log) {
        return Objects.requireNonNull(log.columns().kept());
    }

    private static String record(String source, double reward, String more) {
        return "{\"prompt\":\"p\",\"completion\":\"a\",\"reward\":" + reward
                + ",\"logp_prior\":-1.5,\"logp_policy\":-2," + "\"source\":\"" + source + "\""
                + (more.isEmpty() ? "" : "," + more) + "}";
    }

    /** Sums of a Python script over the same files. */
    @ParameterizedTest
    @CsvSource({"rloo-beta0.05, 6042.993830657234", "dpo-beta0.1, 1556.1805131488268"})
    void theThinnedCasesAreRead(String name, double priorKeptOfPolicyRecords) {
        Path file = Cases.file(Path.of("plays", "thinned", name + ".jsonl.gz"));
        RolloutLog log = only(
                new RolloutLogReader(Logs.options(), InputStream.nullInputStream()).read(List.of(file.toString())));
        assertThat(log.size()).isEqualTo(15_946);
        double ofPrior = 0;
        double ofPolicy = 0;
        double inverseOfRomeo = 0;
        for (RolloutLog.Prompt prompt : log.prompts()) {
            assertThat(prompt.draws().prior()).isEqualTo(20_000);
            assertThat(prompt.draws().policy()).isNaN();
            for (int i = prompt.from(); i < prompt.to(); i++) {
                boolean prior = log.columns().source()[i] == RolloutLog.PRIOR;
                double a = kept(log).prior()[i];
                ofPrior += prior ? a : 0;
                ofPolicy += prior ? 0 : a;
                inverseOfRomeo += prior && prompt.text().equals("ROMEO:\n") ? 1 / a : 0;
                assertThat(kept(log).policy()[i]).isEqualTo(1);
            }
        }
        assertThat(ofPrior).isCloseTo(2759.6389083981067, within(1e-9));
        assertThat(ofPolicy).isCloseTo(priorKeptOfPolicyRecords, within(1e-9));
        assertThat(inverseOfRomeo).isCloseTo(19193.6856256463, within(1e-8));
    }

    @Test
    void aNumberIsTheOwnSourcesAndTheOthersIsReadOffItsRecords() {
        RolloutLog log = only(Logs.read(
                record("prior", 0, "\"kept\":0.25,\"draws\":8"),
                record("prior", 1, "\"kept\":1,\"draws\":8"),
                record("policy", 0, "\"kept\":0.5"),
                record("policy", 1, ""),
                record("policy", 2, "")));
        assertThat(kept(log).prior()).containsExactly(0.25, 1, 0.25, 1, 1);
        assertThat(kept(log).policy()).containsExactly(0.5, 1, 0.5, 1, 1);
        assertThat(log.prompts().get(0).draws()).isEqualTo(new RolloutLog.Draws(8, 4, false, true)); // 1/0.5 + 1 + 1
    }

    @Test
    void anObjectSaysBoth() {
        LogRead read = Logs.read(
                record("prior", 0.1, "\"kept\":{\"prior\":0.25,\"policy\":0.75},\"draws\":9"),
                record("policy", 0.2, "\"kept\":{\"policy\":0.5,\"prior\":0.125},\"draws\":7"));
        assertThat(kept(only(read)).prior()).containsExactly(0.25, 0.125);
        assertThat(kept(only(read)).policy()).containsExactly(0.75, 0.5);
        assertThat(only(read).prompts().get(0).draws()).isEqualTo(new RolloutLog.Draws(9, 7));
        assertThat(read.warnings()).isEmpty();
    }

    @Test
    void whatIsNotToldIsSaid() {
        LogRead read = Logs.read(record("prior", 0.1, "\"kept\":0.25,\"draws\":9"), record("policy", 0.2, ""));
        assertThat(kept(only(read)).prior()).containsExactly(0.25, 1);
        assertThat(read.warnings()).singleElement().asString().contains("1 records do not tell", "must be an object");
    }

    @Test
    void aLogWithoutThinningHasNoColumn() {
        RolloutLog log = only(Logs.read(record("prior", 0, ""), record("policy", 0, "\"kept\":null,\"draws\":null")));
        assertThat(log.columns().kept()).isNull();
        assertThat(log.prompts().get(0).draws()).isEqualTo(RolloutLog.Draws.ALL_KEPT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "kept":0.5            | "kept":0.25                | -:2: field 'kept' is 0.25; it depends on the reward alone, and a draw of the prior with the same reward for the same prompt had 0.5
            "kept":0.5            | "x":1                      | -:2: field 'kept' is missing; it depends on the reward alone, and a draw of the prior with the same reward for the same prompt had 0.5
            "kept":{"prior":0.5}  | "kept":0.25                | -:2: field 'kept' is 0.25; it depends on the reward alone
            "kept":0              | "x":1                      | -:1: field 'kept' is 0; a draw is kept with a probability above 0 and at most 1
            "kept":1.5            | "x":1                      | -:1: field 'kept' is 1.5; a draw is kept with a probability above 0 and at most 1
            "kept":-0.5           | "x":1                      | -:1: field 'kept' is -0.5; a draw is kept
            "kept":NaN            | "x":1                      | -:1: field 'kept' is NaN; a draw is kept
            "kept":"all"          | "x":1                      | -:1: field 'kept' is "all"; it must be a finite number
            "kept":{"tilt":0.5}   | "x":1                      | -:1: field 'kept.tilt' is 0.5; it names prior, policy or both
            "kept":{"prior":2}    | "x":1                      | -:1: field 'kept.prior' is 2; a draw is kept
            "kept":0.5,"draws":9  | "kept":0.5,"draws":8       | -:2: field 'draws' is 8; all records of one prompt and source say how many were drawn, and the first has 9
            "kept":0.5,"draws":9  | "kept":0.5                 | -:2: field 'draws' is missing; all records of one prompt and source
            "kept":0.5            | "kept":0.5,"draws":9       | -:2: field 'draws' is 9; all records of one prompt and source say how many were drawn, and the first has none
            "kept":0.5,"draws":1  | "kept":0.5,"draws":1       | -:1: field 'draws' is 1; they are those kept and those not, and 2 records were kept
            "draws":9             | "draws":9                  | -:1: field 'draws' is 9; there are 2 records, none of which says with what probability it was kept
            "draws":0             | "x":1                      | -:1: field 'draws' is 0; it must be a finite number above 0
            "draws":-3            | "x":1                      | -:1: field 'draws' is -3; it must be a finite number above 0
            """)
    void aContradictionNamesFileLineFieldValueAndRule(String first, String second, String message) {
        assertThatThrownBy(
                        () -> Logs.read(record("prior", 0, first), record("prior", 0, second), record("policy", 0, "")))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void otherPromptsAndSourcesMayBeThinnedOtherwise() {
        String other = record("prior", 0, "\"kept\":0.125").replace("\"p\"", "\"q\"");
        RolloutLog log =
                only(Logs.read(record("prior", 0, "\"kept\":0.5"), other, record("policy", 0, "\"kept\":0.25")));
        assertThat(kept(log).prior()).containsExactly(0.5, 0.5, 0.125);
        assertThat(kept(log).policy()).containsExactly(0.25, 0.25, 1);
    }

    @Test
    void ofSeveralRewardsTheOneItDependsOnIsFound() {
        SplittableRandom random = new SplittableRandom(5);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            int level = random.nextInt(3);
            boolean prior = random.nextBoolean();
            String reward = "{\"length\":" + random.nextDouble() + ",\"total\":" + level + "}";
            lines.add(record(prior ? "prior" : "policy", 0, prior ? "\"kept\":" + (level + 1) / 4.0 : "")
                    .replace("\"reward\":0.0", "\"reward\":" + reward));
        }
        LogRead read = Logs.read(lines.toArray(String[]::new));
        RolloutLog log = only(read);
        for (int i = 0; i < log.size(); i++) {
            assertThat(kept(log).prior()[i]).isEqualTo((log.columns().rewards()[1][i] + 1) / 4);
        }
        assertThat(read.warnings()).isEmpty();
    }

    @Test
    void stepsAreThinnedApart() {
        LogRead read = Logs.read(
                record("prior", 0, "\"kept\":0.5,\"step\":1"),
                record("policy", 0, "\"step\":1"),
                record("prior", 0, "\"kept\":0.25,\"step\":2,\"draws\":4"),
                record("policy", 0, "\"step\":2"));
        RolloutLog second = read.steps().get(1).log();
        assertThat(kept(read.steps().get(0).log()).prior()).containsExactly(0.5, 0.5);
        assertThat(kept(second).prior()).containsExactly(0.25, 0.25);
        assertThat(read.steps().get(0).log().prompts().get(0).draws().prior()).isEqualTo(2);
        assertThat(second.prompts().get(0).draws().prior()).isEqualTo(4);
    }

    /** Random logs, written in both formats; the right values by a map that the test keeps. */
    @ParameterizedTest
    @ValueSource(strings = {"log.jsonl", "log.parquet"})
    void whatIsWrittenIsReadWhateverTheFormatAndThreads(String name) throws IOException {
        SplittableRandom random = new SplittableRandom(11);
        List<DrawnRecord> records = new ArrayList<>();
        Map<String, Double> told = new HashMap<>();
        for (int i = 0; i < 3000; i++) {
            String prompt = "p" + random.nextInt(3);
            String source = random.nextInt(3) == 0 ? "policy" : "prior";
            int level = random.nextInt(5);
            double a = source.equals("prior") ? (level + 1) / 8.0 : Double.NaN;
            double b = prompt.equals("p1") ? 0.5 : Double.NaN;
            told.merge(prompt + source, 1 / (source.equals("prior") ? a : prompt.equals("p1") ? b : 1), Double::sum);
            DrawnRecord plain = new DrawnRecord(
                    prompt,
                    "text " + i,
                    new int[] {i, 0},
                    true,
                    source,
                    Map.of("r", (double) level),
                    -3,
                    -4,
                    Double.NaN,
                    1);
            records.add(plain.by(DrawnRecord.HowDrawn.thinned(a, b, Double.NaN)));
        }
        Path file = folder.resolve(name);
        RolloutLogWriter.write(file, records);
        for (int threads = 1; threads <= 3; threads++) {
            RolloutLog log =
                    only(new RolloutLogReader(Logs.options().withThreads(threads), InputStream.nullInputStream())
                            .read(List.of(file.toString())));
            for (RolloutLog.Prompt prompt : log.prompts()) {
                boolean both = prompt.text().equals("p1");
                for (int i = prompt.from(); i < prompt.to(); i++) {
                    assertThat(kept(log).prior()[i]).isEqualTo((log.columns().rewards()[0][i] + 1) / 8);
                    assertThat(kept(log).policy()[i]).isEqualTo(both ? 0.5 : 1);
                }
                double prior = Objects.requireNonNull(told.get(prompt.text() + "prior"));
                assertThat(prompt.draws().prior()).isCloseTo(prior, within(1e-9));
                if (both) {
                    double policy = Objects.requireNonNull(told.get(prompt.text() + "policy"));
                    assertThat(prompt.draws().policy()).isEqualTo(policy);
                } else {
                    assertThat(prompt.draws().policy()).isNaN();
                }
            }
        }
    }

    @Test
    void drawsOfTiltsAreASourceForEachLambda() {
        RolloutLog log = only(Logs.read(
                record("prior", 0, ""),
                record("policy", 0, ""),
                record("tilt", 0, "\"lambda\":2"),
                record("tilt", 1, "\"lambda\":2.0"),
                record("tilt", 1, "\"lambda\":0.5"),
                record("bridge", 1, "\"logp_source\":-7")));
        assertThat(log.sources()).containsExactly("prior", "policy", "tilt λ=2", "tilt λ=0.5", "bridge");
        assertThat(log.tilts()).containsExactly(Double.NaN, Double.NaN, 2, 0.5, Double.NaN);
        assertThat(log.columns().source()).containsExactly(0, 1, 2, 2, 3, 4);
        assertThat(log.columns().logSource())
                .containsExactly(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, -7);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            tilt     | "x":1                         | field 'lambda' is missing; a draw of a tilt says its lambda
            tilt     | "lambda":NaN                  | field 'lambda' is NaN; it must be a finite number
            tilt     | "lambda":2,"logp_source":-3   | field 'logp_source' is -3.0; the source tilt has an unknown Z
            tilt     | "lambda":2,"kept":0.5         | field 'kept' is 0.5; draws of prior and policy alone may be thinned
            tilt λ=2 | "logp_source":-3              | field 'source' is tilt λ=2; a draw of a tilt has source tilt and its lambda
            """)
    void aTiltSaysItsLambdaAndNothingElse(String source, String more, String message) {
        assertThatThrownBy(() -> Logs.read(record("prior", 0, ""), record(source, 0, more)))
                .hasMessageStartingWith("-:2: " + message);
    }

    @Test
    void logProbabilitiesUnderTheOneOtherSourceAreKept() {
        String[] lines = {
            record("prior", 0, "\"logp_source\":-5"),
            record("policy", 0, "\"logp_source\":-6"),
            record("bridge", 0, "\"logp_source\":-7")
        };
        assertThat(only(Logs.read(lines)).columns().logSource()).containsExactly(-5, -6, -7);
        LogRead two = Logs.read(lines[0], lines[1], lines[2], lines[2].replace("bridge", "other"));
        assertThat(only(two).columns().logSource()).containsExactly(Double.NaN, Double.NaN, -7, -7);
        assertThat(two.warnings())
                .singleElement()
                .asString()
                .contains("2 records of prior and policy have a logp_source");
    }

    @Test
    void aCutDrawOfAnotherSourceIsOfThatSource() {
        String line = record("bridge", 0, "\"logp_source\":-7,\"finished\":false");
        RolloutLog log = only(Logs.read(record("zeta", 0, "\"logp_source\":-7"), record("prior", 0, ""), line));
        assertThat(log.columns().source()).containsExactly(2, 0, 3);
        assertThat(log.sources()).containsExactly("prior", "policy", "zeta", "bridge");
    }
}
