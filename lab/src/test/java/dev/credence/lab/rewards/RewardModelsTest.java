package dev.credence.lab.rewards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.RolloutLog;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.probability.Distribution;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.ReadOptions;
import dev.credence.data.rollouts.RolloutLogReader;
import dev.credence.data.runs.StoredRun;
import dev.credence.lab.Credence;
import dev.credence.lab.inputs.RewardName;
import dev.credence.lab.models.TinyCheckpoint;
import dev.credence.lab.runs.CheckpointInterval;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Listener;
import dev.credence.lab.training.AdamWSettings;
import dev.credence.lab.training.Start;
import dev.credence.torch.architecture.LoraSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reward models learned from judgements, opened, judged and named as rewards. */
class RewardModelsTest {
    private static final RewardSettings SETTINGS = RewardSettings.standard()
            .steps(200, 32)
            .optimiser(AdamWSettings.standard().rate(0.01, 10, 0).weightDecay(0));

    @TempDir
    private Path folder;

    private Path base = Path.of("");

    @BeforeEach
    void writeModel() throws IOException {
        base = TinyCheckpoint.write(folder.resolve("base"), 7);
    }

    /** What is true: an a is good, a t is bad. */
    private static double truth(String text) {
        return 1.5
                * (text.chars().filter(c -> c == 'a').count()
                        - text.chars().filter(c -> c == 't').count());
    }

    private static double logistic(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static String text(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            text.append("aeth".charAt(random.nextInt(4)));
        }
        return text.toString();
    }

    private Path file(String name, int lines, BiFunction<String, SplittableRandom, String> line) throws IOException {
        SplittableRandom random = new SplittableRandom(name.hashCode());
        List<String> written = new ArrayList<>();
        while (written.size() < lines) {
            String own = line.apply(text(random), random);
            if (!own.isEmpty()) {
                written.add(own);
            }
        }
        return Files.write(folder.resolve(name), written);
    }

    private static String pair(String one, SplittableRandom random) {
        String other = text(random);
        boolean first = random.nextDouble() < logistic(truth(one) - truth(other));
        return one.equals(other)
                ? ""
                : String.format(
                        "{\"prompt\":\"h\",\"chosen\":\"%s\",\"rejected\":\"%s\"}",
                        first ? one : other, first ? other : one);
    }

    private RewardTraining.Outcome learn(String name, Path file, RewardSettings settings) throws IOException {
        return Credence.rewardModel(folder.resolve(name), file.toString(), settings, 1, Listener.silent());
    }

    @Test
    void pairsTeachDifferencesAndTheFolderIsAReward() throws IOException {
        Path pairs = file("pairs.jsonl", 400, RewardModelsTest::pair);
        RewardTraining.Outcome outcome =
                learn("one", pairs, SETTINGS.from(base, null).heldOut(0.25));
        assertThat(outcome.learned()).isEqualTo(300);
        assertThat(outcome.heldOut().judgements()).isEqualTo(100);
        assertThat(outcome.heldOut().heldOut().accuracyInterval()[0]).isGreaterThan(0.55);
        assertThat(outcome.heldOut().conclusion()).contains("more than a forecast that is always the same");
        String named = "model:" + folder.resolve("one");
        RewardExpression reward = RewardExpression.parse(named);
        assertThat(reward.reward("h", "aaa") - reward.reward("h", "ttt")).isGreaterThan(3);
        assertThat(reward).hasToString(named);
        assertThat(reward.isLogit()).isTrue();
        assertThat(RewardName.typeOf("good=0.5*" + named)).isEqualTo(RewardType.LOGIT);
        assertThat(RewardName.typeOf(named + " + length")).isEqualTo(RewardType.SCORE);

        learn("two", pairs, SETTINGS.from(base, null).heldOut(0.25));
        assertThat(folder.resolve("two/model.safetensors"))
                .as("the same seed gives the same model")
                .hasSameBinaryContentAs(folder.resolve("one/model.safetensors"));
        learn("other", pairs, SETTINGS.from(base, null).steps(20, 16));
        String other = "model:" + folder.resolve("other");
        double a = reward.reward("h", "aet");
        double b = RewardExpression.parse(other).reward("h", "aet");
        assertThat(a).isNotEqualTo(b);
        String both = named + "," + other;
        assertThat(ensemble("mean(" + both + ")")).isCloseTo((a + b) / 2, within(1e-6));
        assertThat(ensemble("min(" + both + ")")).isCloseTo(Math.min(a, b), within(1e-6));
        assertThat(ensemble("mean-variance(2," + both + ")"))
                .isCloseTo((a + b) / 2 - (a - b) * (a - b) / 2, within(1e-5));
        assertThat(RewardName.typeOf("mean(" + both + ")")).isEqualTo(RewardType.LOGIT);
    }

    private static double ensemble(String expression) {
        Distribution alone = Distribution.of(Map.of("aet", 1.0));
        double[] rewards = RewardExpression.parse(expression).rewards("h", alone);
        assertThat(rewards).hasSize(1);
        return rewards[0];
    }

    @Test
    void approvalsAndProbabilitiesTeachLogits() throws IOException {
        Path approvals = file(
                "approvals.jsonl",
                800,
                (text, random) -> String.format(
                        "{\"prompt\":\"h\",\"completion\":\"%s\",\"approved\":%s}",
                        text, random.nextDouble() < logistic(truth(text))));
        RewardTraining.Outcome outcome = learn(
                "approved",
                approvals,
                SETTINGS.from(base, LoraSettings.ofRank(4)).heldOut(0.4));
        assertThat(outcome.heldOut().kind()).isEqualTo(JudgementKind.APPROVALS);
        assertThat(outcome.heldOut().heldOut().logLoss())
                .isLessThan(outcome.heldOut().unforeseen());

        Path stated = file(
                "stated.jsonl",
                400,
                (text, random) -> String.format(
                        Locale.ROOT,
                        "{\"prompt\":\"h\",\"completion\":\"%s\",\"probability\":%.6f}",
                        text,
                        logistic(truth(text))));
        learn("stated", stated, SETTINGS.from(base, null).steps(300, 32));
        try (OpenReward reward = Credence.reward(folder.resolve("stated").toString())) {
            for (String text : List.of("aaa", "eth", "tta", "hhh")) {
                assertThat(reward.reward("h", text)).as(text).isCloseTo(truth(text), within(0.5));
            }
            JudgementFile file = JudgementFile.read(stated.toString(), JudgementKind.PROBABILITIES);
            RewardEvaluation evaluation = RewardEvaluation.of(file, reward);
            assertThat(evaluation.heldOut().calibrationError()).isLessThan(0.05);
            assertThat(evaluation.table().rows()).hasSizeBetween(3, 20);
        }
    }

    @Test
    void aNewModelIsMadeWhereNoneIsNamed() throws IOException {
        Path pairs = file("pairs.jsonl", 60, RewardModelsTest::pair);
        Start.FromScratch small = Start.FromScratch.standard()
                .vocabulary(260)
                .layers(1)
                .width(16, 2)
                .context(16);
        RewardTraining.Outcome outcome =
                learn("new", pairs, SETTINGS.start(small).steps(60, 16).heldOut(0));
        assertThat(outcome.heldOut()).isNull();
        assertThat(outcome.loss()).isLessThan(Math.log(2));
        assertThat(folder.resolve("new/reward.json")).content().contains("\"schema\" : \"credence.reward/1\"");
        assertThat(OpenReward.isReward(folder.resolve("new").toString())).isTrue();
        assertThat(OpenReward.isReward(base.toString())).isFalse();
    }

    /** Stops after so many lines of progress. */
    private static Listener stoppingAfter(int asked) {
        int[] times = {0};
        return new Listener() {
            @Override
            public void accept(String line) {}

            @Override
            public boolean isStopped() {
                return times[0]++ >= asked;
            }
        };
    }

    @ParameterizedTest
    @CsvSource({"0, false", "1, false", "37, false", "23, true"})
    void aTrainingThatWasBrokenOffEndsWithTheSameBits(int steps, boolean adapted) throws IOException {
        Path pairs = file("pairs.jsonl", 60, RewardModelsTest::pair);
        RewardSettings settings = SETTINGS.steps(40, 8)
                .from(base, adapted ? LoraSettings.ofRank(2) : null)
                .every(CheckpointInterval.parse("10"));
        RewardTraining.Outcome whole = learn("whole", pairs, settings);
        Path broken = folder.resolve("broken");
        assertThatThrownBy(() -> Credence.rewardModel(broken, pairs.toString(), settings, 1, stoppingAfter(steps)))
                .isInstanceOf(InterruptedRunException.class)
                .hasMessageContaining("`resume " + broken);
        assertThatThrownBy(() -> learn("broken", pairs, settings)).hasMessageContaining("`resume` goes on");
        RewardTraining.Outcome resumed = RewardTraining.resume(StoredRun.open(broken), Listener.silent());
        assertThat(broken.resolve("model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("whole/model.safetensors"));
        assertThat(resumed.loss()).isEqualTo(whole.loss());
        assertThat(resumed.heldOut().heldOut()).isEqualTo(whole.heldOut().heldOut());
        assertThat(OpenReward.isReward(broken.toString())).isTrue();
        assertThat(StoredRun.open(broken).isDone()).isTrue();
    }

    @Test
    void aBrokenOffTrainingRefusesOtherJudgements() throws IOException {
        Path pairs = file("pairs.jsonl", 60, RewardModelsTest::pair);
        RewardSettings settings = SETTINGS.steps(40, 8).from(base, null);
        assertThatThrownBy(() ->
                        Credence.rewardModel(folder.resolve("broken"), pairs.toString(), settings, 1, stoppingAfter(5)))
                .isInstanceOf(InterruptedRunException.class);
        Files.writeString(pairs, "{\"prompt\":\"h\",\"chosen\":\"a\",\"rejected\":\"t\"}\n");
        assertThatThrownBy(() -> RewardTraining.resume(StoredRun.open(folder.resolve("broken")), Listener.silent()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("it goes on with the same file only");
    }

    /** A log's texts are scored together: as one by one, and a text that cannot be is named by its line. */
    @Test
    void aLogIsScoredAsItsTextsAre() throws IOException {
        learn(
                "one",
                file("pairs.jsonl", 60, RewardModelsTest::pair),
                SETTINGS.steps(20, 8).from(base, null));
        String name = "0.5*model:" + folder.resolve("one") + " + field:bonus";
        SplittableRandom random = new SplittableRandom(3);
        List<String> texts = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            texts.add(text(random).substring(0, 1 + i % 3));
            lines.add(String.format(
                    "{\"prompt\":\"h\",\"completion\":\"%s\",\"logp_prior\":-1,\"logp_policy\":-1,\"source\":\"%s\","
                            + "\"bonus\":%d}",
                    texts.get(i), i % 2 == 0 ? "prior" : "policy", i));
        }
        Path log = Files.write(folder.resolve("log.jsonl"), lines);
        RewardExpression model = RewardExpression.parse("model:" + folder.resolve("one"));
        double[] read = read(log, name, ReadOptions.BadRecords.FAIL);
        assertThat(read(log, name, ReadOptions.BadRecords.SKIP)).containsExactly(read, within(1e-5));
        double sum = 0;
        for (int i = 0; i < 60; i++) {
            sum += 0.5 * model.reward("h", texts.get(i)) + i;
        }
        assertThat(Arrays.stream(read).sum()).isCloseTo(sum, within(1e-3));

        lines.add(lines.get(0).replace("\"completion\":\"" + texts.get(0), "\"completion\":\"aaaaaaaaaaaaaaaa"));
        Files.write(log, lines);
        assertThatThrownBy(() -> read(log, name, ReadOptions.BadRecords.FAIL))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("log.jsonl:61:")
                .hasMessageContaining("the reward model reads 8");
        assertThat(read(log, name, ReadOptions.BadRecords.SKIP)).hasSize(60);
    }

    private static double[] read(Path log, String reward, ReadOptions.BadRecords bad) {
        ReadOptions options = ReadOptions.standard(1)
                .withRewards(Map.of("r", RewardExpression.parse(reward)))
                .withBadRecords(bad);
        RolloutLog read = new RolloutLogReader(options, InputStream.nullInputStream())
                .read(List.of(log.toString()))
                .steps()
                .get(0)
                .log();
        return read.columns().rewards()[read.rewardNames().indexOf("r")];
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"prompt":"h","chosen":"a"} | field 'rejected' is missing; it is a text
            {"prompt":"h","chosen":"a","rejected":"a"} | field 'rejected' is a; it is the chosen text
            {"prompt":1,"chosen":"a","rejected":"e"} | field 'prompt' is 1; it is a text
            {"prompt":"h","chosen":"a","rejected":"e","weight":0} | field 'weight' is 0.0; it is how many such judgements
            {"prompt":"h","chosen":"aaaaaaaaaa","rejected":"e"} | field 'chosen, rejected' is 11 tokens with the prompt; the model reads 8
            broken | broken JSON
            """)
    void badPairsAreNamedByLine(String bad, String message) throws IOException {
        Path file = Files.writeString(
                folder.resolve("bad.jsonl"), "{\"prompt\":\"h\",\"chosen\":\"a\",\"rejected\":\"t\"}\n\n" + bad + "\n");
        assertThatThrownBy(() -> learn("bad", file, SETTINGS.from(base, null)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("bad.jsonl:3:")
                .hasMessageContaining(message);
        assertThat(folder.resolve("bad")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            APPROVALS | {"prompt":"h","completion":"a","approved":1} | field 'approved' is 1; it is true or false
            PROBABILITIES | {"prompt":"h","completion":"a","probability":1} | field 'probability' is 1.0; it lies between 0 and 1
            PROBABILITIES | {"prompt":"h","completion":"a","probability":"x"} | field 'probability' is "x"; it is a number
            PAIRS | {"prompt":"h","completion":"a","approved":true} | field 'chosen' is missing
            """)
    void otherJudgementsAreCheckedToo(JudgementKind kind, String line, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("bad.jsonl"), line);
        assertThatThrownBy(() -> JudgementFile.read(file.toString(), kind))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void whatDoesNotFitIsRefusedByName() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.jsonl"), "\n");
        assertThatThrownBy(() -> JudgementFile.read(empty.toString(), null)).hasMessageContaining("no records");
        Path odd = Files.writeString(folder.resolve("odd.jsonl"), "{\"prompt\":\"h\"}\n");
        assertThatThrownBy(() -> JudgementFile.read(odd.toString(), null)).hasMessageContaining("no judgement");
        Path pairs = file("pairs.jsonl", 10, RewardModelsTest::pair);
        assertThatThrownBy(() -> learn("base", pairs, SETTINGS.from(base, null)))
                .hasMessageContaining("there is something already");
        assertThatThrownBy(() -> learn("none", pairs, SETTINGS.from(folder.resolve("nowhere"), null)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("from is ");
        assertThatThrownBy(() -> SETTINGS.heldOut(1)).hasMessageContaining("held-out is 1.0");
        assertThatThrownBy(() -> JudgementKind.of("stars"))
                .hasMessageContaining("kind is stars; it is one of pairs, approvals, probabilities");
        assertThatThrownBy(() -> RewardExpression.parse("model:" + folder.resolve("nowhere")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("there is none of this name");
        assertThatThrownBy(() -> RewardExpression.parse("model:" + base))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("ends with ForSequenceClassification");
    }
}
