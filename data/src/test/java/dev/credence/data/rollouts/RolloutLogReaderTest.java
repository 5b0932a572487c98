package dev.credence.data.rollouts;

import static dev.credence.data.rollouts.Logs.POLICY;
import static dev.credence.data.rollouts.Logs.PRIOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.Cases;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.duckdb.DuckDBDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RolloutLogReaderTest {
    @TempDir
    private Path folder = Path.of("");

    private static LogRead read(Path... files) {
        return read(Logs.options(), files);
    }

    private static LogRead read(ReadOptions options, Path... files) {
        List<String> names = List.of(files).stream().map(Path::toString).toList();
        return new RolloutLogReader(options, InputStream.nullInputStream()).read(names);
    }

    private static RolloutLog only(LogRead read) {
        assertThat(read.steps()).hasSize(1);
        return read.steps().get(0).log();
    }

    /** Records compare arrays by identity; this compares what is in them, but for the texts kept. */
    static void assertSameRecords(RolloutLog found, RolloutLog expected) {
        assertThat(found.rewardNames()).isEqualTo(expected.rewardNames());
        assertThat(found.sources()).isEqualTo(expected.sources());
        assertThat(found.prompts())
                .usingRecursiveComparison()
                .ignoringFields("priorTexts", "policyTexts")
                .isEqualTo(expected.prompts());
        assertThat(found.columns().rewards()).isDeepEqualTo(expected.columns().rewards());
        assertThat(found.columns().logPrior()).isEqualTo(expected.columns().logPrior());
        assertThat(found.columns().logPolicy()).isEqualTo(expected.columns().logPolicy());
        assertThat(found.columns().source()).isEqualTo(expected.columns().source());
        assertThat(found.columns().logSource()).isEqualTo(expected.columns().logSource());
        assertThat(found.columns().tokens()).isEqualTo(expected.columns().tokens());
        assertThat(found.columns().group()).isEqualTo(expected.columns().group());
    }

    @ParameterizedTest
    @CsvSource({"rloo-beta0.05, 917.5", "grpo-beta0, -1", "dpo-beta0.1, -1", "filtered-sft, -1"})
    void theCasesAreRead(String name, double rewardOfRomeo) {
        RolloutLog log = only(read(Cases.rollouts(name)));
        assertThat(log.size()).isEqualTo(16_000);
        assertThat(log.rewardNames()).containsExactly("reward");
        assertThat(log.prompts())
                .extracting(RolloutLog.Prompt::text)
                .startsWith("ROMEO:\n", "JULIET:\n")
                .hasSize(8);
        double rewards = 0;
        for (RolloutLog.Prompt prompt : log.prompts()) {
            int prior = 0;
            for (int i = prompt.from(); i < prompt.to(); i++) {
                prior += log.columns().source()[i] == RolloutLog.PRIOR ? 1 : 0;
                rewards += prompt.text().startsWith("ROMEO") ? log.columns().rewards()[0][i] : 0;
            }
            assertThat(prompt.size()).isEqualTo(2_000);
            assertThat(prior).isEqualTo(1_000);
            assertThat(prompt.weight()).isEqualTo(0.125);
            assertThat(prompt.priorTexts()).hasSize(200).doesNotHaveDuplicates();
        }
        if (rewardOfRomeo >= 0) {
            assertThat(rewards).isEqualTo(rewardOfRomeo); // summed by a Python script
        }
    }

    private Path generated(String name, LogGenerator.Size size) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(file)) {
            LogGenerator.of(size, new LogGenerator.PolicyTilt(1, 0.3), new SplittableRandom(7))
                    .write(out, new SplittableRandom(8));
        }
        return file;
    }

    @Test
    void packedCopiesAreTheSame() throws IOException {
        Path plain = generated("log.jsonl", new LogGenerator.Size(3, 5_000, 50));
        Path gzip = folder.resolve("log.gz");
        Path zstd = folder.resolve("named-anyhow");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzip))) {
            Files.copy(plain, out);
        }
        try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(zstd))) {
            Files.copy(plain, out);
        }
        LogRead expected = read(plain);
        for (Path packed : List.of(gzip, zstd)) {
            LogRead found = read(packed);
            assertSameRecords(only(found), only(expected));
            assertThat(only(found).prompts()).isEqualTo(only(expected).prompts()); // the same texts, too
            assertThat(found.inputs().get(0).bytes()).isEqualTo(Files.size(packed));
            assertThat(found.inputs().get(0).sha256())
                    .isNotEqualTo(expected.inputs().get(0).sha256());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gz", "zst"})
    void cutPackedFilesAreAnError(String kind) throws IOException {
        Path plain = generated("log.jsonl", new LogGenerator.Size(2, 500, 50));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = kind.equals("gz") ? new GZIPOutputStream(bytes) : new ZstdOutputStream(bytes)) {
            Files.copy(plain, out);
        }
        Path cut = folder.resolve("cut");
        Files.write(cut, java.util.Arrays.copyOf(bytes.toByteArray(), bytes.size() / 2));
        assertThatThrownBy(() -> read(cut))
                .hasMessageContaining("cut:1: compressed data broken or cut")
                .hasMessageContaining("the file must be complete");
    }

    @Test
    void aBadRecordIsReportedBeforeTheBrokenEndOfItsFile() throws IOException {
        Path plain = generated("log.jsonl", new LogGenerator.Size(2, 20_000, 50));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write("bad\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            Files.copy(plain, out);
        }
        Path cut = folder.resolve("cut");
        Files.write(cut, java.util.Arrays.copyOf(bytes.toByteArray(), bytes.size() - 100));
        for (int trial = 0; trial < 10; trial++) {
            assertThatThrownBy(() -> read(cut)).hasMessageContaining("cut:1: record bad");
        }
    }

    @Test
    void theHashIsThatOfTheFile() throws IOException {
        Path file = folder.resolve("one.jsonl");
        Files.writeString(file, PRIOR);
        assertThat(read(file).inputs().get(0).sha256()).isEqualTo(sha256(PRIOR));
        assertThat(read(file).inputs().get(0).name()).isEqualTo(file.toString());
    }

    private static String sha256(String text) {
        try {
            byte[] hash = java.security.MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            return String.format("%064x", new java.math.BigInteger(1, hash));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theNumberOfThreadsChangesNothing() throws IOException {
        Path file = generated("log.jsonl", new LogGenerator.Size(7, 3_000, 500));
        LogRead one = read(Logs.options().withThreads(1), file);
        for (int threads = 2; threads <= 5; threads++) {
            LogRead more = read(Logs.options().withThreads(threads), file);
            assertSameRecords(only(more), only(one));
            assertThat(only(more).prompts()).isEqualTo(only(one).prompts());
        }
    }

    @Test
    void theSeedChoosesTheTexts() throws IOException {
        Path file = generated("log.jsonl", new LogGenerator.Size(1, 3_000, 500));
        List<String> one = only(read(file)).prompts().get(0).policyTexts();
        List<String> other =
                only(read(ReadOptions.standard(2), file)).prompts().get(0).policyTexts();
        assertThat(one).hasSize(TextReservoir.CAPACITY).isNotEqualTo(other);
    }

    @Test
    void recordsOfAPromptLieSideBySideInTheOrderOfTheInput() {
        RolloutLog log = only(Logs.read(
                PRIOR.replace("\"p\"", "\"q\"").replace("0.5", "1"),
                PRIOR.replace("0.5", "2"),
                POLICY.replace("\"p\"", "\"\\u0071\"").replace("0.5", "3"),
                POLICY.replace("0.5", "4")));
        assertThat(log.prompts()).extracting(RolloutLog.Prompt::text).containsExactly("q", "p");
        assertThat(log.columns().rewards()[0]).containsExactly(1, 3, 2, 4);
        assertThat(log.columns().source()).containsExactly(0, 1, 0, 1);
        assertThat(log.prompts().get(1).from()).isEqualTo(2);
    }

    @Test
    void namedRewardsMayComeInAnyOrder() {
        RolloutLog log = only(Logs.read(
                PRIOR.replace("0.5", "{\"warm\":1,\"short\":2}"), POLICY.replace("0.5", "{\"short\":3,\"warm\":4}")));
        assertThat(log.rewardNames()).containsExactly("warm", "short");
        assertThat(log.columns().rewards()).isDeepEqualTo(new double[][] {{1, 4}, {2, 3}});
    }

    @Test
    void tokensAreThereOnlyIfAllRecordsHaveThem() {
        String counted = PRIOR.replace("\"reward\"", "\"tokens\":3,\"reward\"");
        assertThat(only(Logs.read(counted, counted)).columns().tokens()).containsExactly(3, 3);
        assertThat(only(Logs.read(counted, PRIOR)).columns().tokens()).isNull();
    }

    @Test
    void cutTextsAreCounted() {
        String cut = PRIOR.replace("\"reward\"", "\"finished\":false,\"reward\"");
        assertThat(only(Logs.read(cut, cut, cut.replace("false", "true"), PRIOR))
                        .prompts()
                        .get(0)
                        .cut())
                .isEqualTo(2);
    }

    @Test
    void groupsAreUnitsOfTheirPrompt() {
        String one = POLICY.replace("\"reward\"", "\"group\":1,\"reward\"");
        String text = POLICY.replace("\"reward\"", "\"group\":\"x\",\"reward\"");
        String none = POLICY.replace("\"reward\"", "\"group\":null,\"reward\"");
        String other = one.replace("\"p\"", "\"q\"");
        RolloutLog log = only(Logs.read(text, one, text, none, one.replace("1,", "\"1\","), other, PRIOR));
        assertThat(log.columns().group()).containsExactly(0, 1, 0, -1, 1, -1, 2);
        assertThat(only(Logs.read(PRIOR, POLICY)).columns().group()).isNull();
    }

    @Test
    void stepsAreSeparateLogs() {
        String later = PRIOR.replace("\"reward\"", "\"step\":20,\"reward\"");
        String earlier = POLICY.replace("\"reward\"", "\"step\":3,\"group\":\"g\",\"reward\"");
        LogRead read = Logs.read(later, earlier, later.replace("0.5", "7"), later.replace("\"p\"", "\"q\""), earlier);
        assertThat(read.steps()).extracting(LogRead.StepLog::step).containsExactly(3L, 20L);
        assertThat(read.steps().get(0).log().columns().group()).containsExactly(0, 0);
        assertThat(read.steps().get(1).log().columns().rewards()[0]).containsExactly(0.5, 7, 0.5);
        assertThat(read.steps().get(1).log().prompts()).hasSize(2);
        assertThat(read.steps().get(1).log().prompts().get(0).weight()).isEqualTo(0.5);
        assertThatThrownBy(() -> Logs.read(later, PRIOR))
                .hasMessage("-:2: field 'step' is missing; either every record has a step or none");
    }

    @Test
    void aPromptIsInOneSplit() {
        String train = PRIOR.replace("\"reward\"", "\"split\":\"train\",\"reward\"");
        String held = train.replace("train", "heldout");
        RolloutLog log = only(Logs.read(train, PRIOR, held.replace("\"p\"", "\"q\"")));
        assertThat(log.prompts()).extracting(RolloutLog.Prompt::heldOut).containsExactly(false, true);
        assertThatThrownBy(() -> Logs.read(train, train, held))
                .hasMessage("-:3: field 'split' is heldout; a prompt is in one split; \"p\" was in the other");
    }

    @Test
    void weightsAreThePromptsOwnAndSumToOne() {
        String three = PRIOR.replace("\"reward\"", "\"prompt_weight\":3,\"reward\"");
        String one = three.replace(":3", ":1").replace("\"p\"", "\"q\"");
        assertThat(only(Logs.read(three, one, three)).prompts())
                .extracting(RolloutLog.Prompt::weight)
                .containsExactly(0.75, 0.25);
        assertThatThrownBy(() -> Logs.read(three, one, three.replace(":3", ":2.5")))
                .hasMessage("-:3: field 'prompt_weight' is 2.5; a prompt has one weight; that of \"p\" was 3.0");
        assertThatThrownBy(() -> Logs.read(three, PRIOR.replace("\"p\"", "\"q\"")))
                .hasMessage("-:2: field 'prompt_weight' is missing; either every record has a prompt_weight or none");
    }

    @Test
    void otherSourcesEnterOnlyWithTheirOwnLogProbability() {
        String mixed = PRIOR.replace("\"source\":\"prior\"", "\"source\":\"mix\",\"logp_source\":-1");
        LogRead read =
                Logs.read(PRIOR, mixed, POLICY, mixed.replace("mix", "more"), PRIOR.replace("\"prior\"}", "\"mix\"}"));
        RolloutLog log = only(read);
        assertThat(log.sources()).containsExactly("prior", "policy", "mix", "more");
        assertThat(log.columns().source()).containsExactly(0, 2, 1, 3);
        assertThat(log.columns().logSource()).containsExactly(Double.NaN, -1, Double.NaN, -1);
        assertThat(read.unweighted()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"Policy, policy", "POLICY, policy", "' prior ', prior", "polcy, policy", "mix, ''", "reference, ''"})
    void aSourceThatIsNearlyOneOfTheTwoIsAskedAbout(String source, String meant) {
        LogRead read = Logs.read(PRIOR, POLICY, PRIOR.replace("\"prior\"}", "\"" + source + "\"}"));
        assertThat(read.unweighted()).isEqualTo(1);
        assertThat(read.warnings())
                .isEqualTo(
                        meant.isEmpty()
                                ? List.of()
                                : List.of("records whose source is '" + source + "' were left out; did you mean '"
                                        + meant + "'?"));
    }

    @Test
    void missingSumsAreTakenFromTheTerms() {
        String terms = PRIOR.replace("\"logp_prior\":-1.5", "\"token_logp_prior\":[-1,-0.25]")
                .replace("\"logp_policy\":-2", "\"token_logp_policy\":[-2,-1]");
        RolloutLog log = only(Logs.read(terms, terms));
        assertThat(log.columns().logPrior()).containsExactly(-1.25, -1.25);
        assertThat(log.columns().logPolicy()).containsExactly(-3, -3);
        assertThat(log.columns().tokens()).containsExactly(2, 2);
        assertThatThrownBy(() -> Logs.read(terms.replace("-0.25", "0.25")))
                .hasMessage(
                        "-:1: field 'token_logp_prior' is 0.25; a log-probability is at most 0, in nats: of a probability take the logarithm,"
                                + " of a loss turn the sign");
    }

    @Test
    void fieldsAreFoundAtDottedPaths() {
        ReadOptions options = Logs.options()
                .withFields(FieldMap.standard()
                        .with("logp_policy=logprobs.policy.sum")
                        .with("prompt=question"));
        String line = PRIOR.replace("\"logp_policy\":-2", "\"logprobs\":{\"other\":[1,{}],\"policy\":{\"sum\":-3}}")
                .replace("\"prompt\"", "\"question\"");
        assertThat(only(Logs.read(options, line, line)).columns().logPolicy()).containsExactly(-3, -3);
        assertThatThrownBy(() -> Logs.read(options, line, PRIOR.replace("\"prompt\"", "\"question\"")))
                .hasMessage("-:2: field 'logp_policy' is missing; every record has logp_policy (looked for"
                        + " logprobs.policy.sum); this one has question, completion, reward, logp_prior, logp_policy,"
                        + " source; did you mean 'logp_policy'?");
    }

    @Test
    void fieldMapsAreChecked() {
        assertThatThrownBy(() -> FieldMap.standard().with("logp_polcy=x"))
                .hasMessageContaining("did you mean 'logp_policy'?");
        assertThatThrownBy(() -> FieldMap.standard().with("logp_policy")).hasMessageContaining("it is FIELD=PATH");
        assertThatThrownBy(() -> FieldMap.standard().with("reward=")).hasMessageContaining("a path is a key");
        assertThatThrownBy(() -> LogFormat.of("openai")).hasMessageContaining("it is trl, verl or openrlhf");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            verl     | {"input":"p","output":"a","gts":"g","score":1.5,"step":4,"acc":true      | verl's rollout dump has no log-probabilities
            openrlhf | {"input":"p","output":"a","reward":1.5                                    | OpenRLHF's batch inference has no log-probabilities
            trl      | {"step":4,"prompt":"p","completion":"a","reward":1.5,"advantage":0.3      | TRL's completions log has no log-probabilities
            """)
    void dumpsOfOtherToolsAreReadOnceTheyHaveLogProbabilities(String format, String line, String missing) {
        ReadOptions options = Logs.options().withFields(LogFormat.of(format).fields());
        assertThatThrownBy(() -> Logs.read(options, line + "}"))
                .hasMessageContaining(missing)
                .hasMessageContaining("the setting field: logp_prior=PATH");
        String complete = line + ",\"logp_prior\":-1,\"logp_policy\":-2}";
        RolloutLog log = only(Logs.read(options, complete, complete));
        assertThat(log.columns().rewards()[0]).containsExactly(1.5, 1.5);
        assertThat(log.columns().source()).containsExactly(RolloutLog.POLICY, RolloutLog.POLICY);
        assertThat(log.prompts().get(0).policyTexts()).containsExactly("a", "a");
    }

    @Test
    void aDumpAndPriorDrawsAreReadTogether() {
        ReadOptions options = Logs.options().withFields(LogFormat.OPENRLHF.fields());
        String dump = "{\"input\":\"p\",\"output\":\"a\",\"reward\":1.5,\"logp_prior\":-1,\"logp_policy\":-2}";
        assertThat(only(Logs.read(options, dump, PRIOR, dump)).columns().source())
                .containsExactly(1, 0, 1);
    }

    @Test
    void foldersAndGlobsStandForTheirFiles() throws IOException {
        Files.writeString(folder.resolve("b.jsonl"), POLICY);
        Files.writeString(folder.resolve("a.jsonl"), PRIOR);
        Files.writeString(folder.resolve("notes.txt"), "not a log");
        assertThat(read(folder).inputs())
                .extracting(input -> Path.of(input.name()).getFileName().toString())
                .containsExactly("a.jsonl", "b.jsonl");
        assertThat(only(read(folder.resolve("*.jsonl"))).columns().source()).containsExactly(0, 1);
        assertThat(only(read(folder.resolve("b.jsonl"), folder.resolve("a.jsonl")))
                        .columns()
                        .source())
                .containsExactly(1, 0);
    }

    private Path parquet(String name, String select) {
        Path file = folder.resolve(name);
        try (Connection connection = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
                Statement statement = Objects.requireNonNull(connection).createStatement()) {
            statement.execute("COPY (" + select + ") TO '" + file + "' (FORMAT parquet)");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return file;
    }

    private static String all(Path json) {
        return "SELECT * FROM read_json('" + json + "', format = 'newline_delimited')";
    }

    @Test
    void aParquetCopyIsTheSame() throws IOException {
        Path plain = generated("log.jsonl", new LogGenerator.Size(3, 5_000, 50));
        LogRead found = read(parquet("log.parquet", all(plain)));
        assertSameRecords(only(found), only(read(plain)));
        assertThat(only(found).prompts()).isEqualTo(only(read(plain)).prompts()); // rows are lines: the same texts, too
        Path strange = Files.move(folder.resolve("log.parquet"), folder.resolve("a[1]b.parquet"));
        assertSameRecords(only(read(strange)), only(found));
        try (InputStream in = Files.newInputStream(strange)) {
            assertSameRecords(only(new RolloutLogReader(Logs.options(), in).read(List.of("-"))), only(found));
        }
    }

    @Test
    void parquetMayBeNested() throws IOException {
        Path plain = folder.resolve("nested.jsonl");
        Files.writeString(
                plain,
                "{\"prompt\":\"p\",\"completion\":\"a\",\"reward\":{\"x\":1,\"y\":2},\"lp\":{\"in\":{\"prior\":-1.5}},"
                        + "\"token_logp_policy\":[-1.0,-2.5],\"source\":\"prior\",\"group\":7,\"step\":3,\"finished\":false,\"split\":\"heldout\","
                        + "\"prompt_weight\":2}\n".repeat(2));
        Files.writeString(plain, Files.readString(plain).lines().findFirst().orElse("") + "\n");
        ReadOptions options = Logs.options().withFields(FieldMap.standard().with("logp_prior=lp.in.prior"));
        LogRead found = read(options, parquet("nested.parquet", all(plain)));
        assertSameRecords(only(found), only(read(options, plain)));
        assertThat(found.steps().get(0).step()).isEqualTo(3);
        assertThat(only(found).columns().logPolicy()).containsExactly(-3.5);
        assertThat(only(found).rewardNames()).containsExactly("x", "y");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            'p' AS prompt, 'a' AS completion, 1.0 AS reward, 0.5 AS logp_prior, -1.0 AS logp_policy, 'prior' AS source | :1: field 'logp_prior' is 0.5; a log-probability is at most 0
            'p' AS prompt, 'a' AS completion, 'x' AS reward, -0.5 AS logp_prior, -1.0 AS logp_policy, 'prior' AS source | field 'reward' is a column of VARCHAR; it must be a number
            'p' AS prompt, 'a' AS completion, 1.0 AS reward, -0.5 AS logp_prior, 'prior' AS source | :1: field 'logp_policy' is missing; every record has logp_policy
            'p' AS prompt, 'a' AS completion, 1.0 AS reward, -0.5 AS logp_prior, -1.0 AS logp_polcy, 'prior' AS source | this one has prompt, completion, reward, logp_prior, logp_polcy, source; did you mean 'logp_polcy'?
            'p' AS prompt, 'a' AS completion, 1.0 AS reward, -0.5 AS logp_prior, NULL::DOUBLE AS logp_policy, 'prior' AS source | :1: field 'logp_policy' is null; every record has a value there
            1 AS prompt, 'a' AS completion, 1.0 AS reward | field 'prompt' is a column of INTEGER; it must be a text
            'p' AS prompt, 1.0 AS score | field 'completion' is missing; every record has completion; name its place
            'p' AS prompt, 'a' AS completion, 1.0 AS score, 2.0 AS other | the columns are prompt, completion, score, other
            """)
    void badParquetIsNamed(String columns, String message) {
        ReadOptions options =
                message.contains("name its place") ? Logs.options().withFields(LogFormat.TRL.fields()) : Logs.options();
        Path file = parquet("bad.parquet", "SELECT " + columns);
        assertThatThrownBy(() -> read(options, file))
                .hasMessageContaining("bad.parquet")
                .hasMessageContaining(message);
    }

    @Test
    void brokenParquetIsAnError() throws IOException {
        Path file = folder.resolve("broken.parquet");
        Files.writeString(file, "PAR1 and nothing else");
        assertThatThrownBy(() -> read(file)).hasMessageContaining("broken.parquet: unreadable Parquet");
    }

    private Path write(String name, String... lines) throws IOException {
        return Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
    }

    @Test
    void eachInputSaysHowManyRecordsItHad() throws IOException {
        Path one = write("one.jsonl", Logs.PRIOR, Logs.POLICY, Logs.PRIOR);
        Path two = write("two.jsonl", Logs.PRIOR);
        assertThat(read(one, two).inputs())
                .extracting(Provenance.Input::records)
                .containsExactly(3L, 1L);
    }

    @Test
    void filesThatPoolPolicyRecordsOfAPromptAreKnown() throws IOException {
        String other = Logs.POLICY.replace("\"prompt\":\"p\"", "\"prompt\":\"other\"");
        String step = Logs.POLICY.replace("\"prompt\"", "\"step\":%s,\"prompt\"");
        Path both = write("both.jsonl", Logs.PRIOR, Logs.POLICY);
        Path prior = write("prior.jsonl", Logs.PRIOR);
        Path again = write("again.jsonl", Logs.POLICY);
        Path another = write("another.jsonl", other);
        assertThat(read(both).differentPolicies()).isEmpty();
        assertThat(read(both, prior, another).differentPolicies()).isEmpty();
        assertThat(read(both, prior, again).differentPolicies()).containsExactly(both.toString(), again.toString());
        Path ten = write("ten.jsonl", String.format(step, 10));
        Path twenty = write("twenty.jsonl", String.format(step, 20));
        assertThat(read(ten, twenty).differentPolicies()).isEmpty();
    }
}
