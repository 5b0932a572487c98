package dev.credence.lab.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.ExactPrompt;
import dev.credence.core.audit.Finding;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.ExactCompletions;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.TinyCheckpoint;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Draws of the prior of which few are scored, from small models whose every text can be enumerated. */
@SuppressWarnings("NullAway.Init")
class ThinnedRunTest {
    private static final String REWARD = "count:[a]";
    private static final int HORIZON = 6;
    private static final AuditOptions QUESTION = AuditOptions.atBeta(REWARD, 0.6);

    @TempDir
    private Path folder;

    private ModelPair models;

    @BeforeEach
    void openModels() throws IOException {
        models = ModelPair.open(
                TinyCheckpoint.write(folder.resolve("prior"), 1).toString(),
                TinyCheckpoint.write(folder.resolve("policy"), 2).toString());
    }

    @AfterEach
    void closeModels() {
        models.close();
    }

    private static RolloutRun.Limits limits(int samples, int draws, double width) {
        return new RolloutRun.Limits(samples, draws, HORIZON, Double.POSITIVE_INFINITY, width, BeginToken.NO);
    }

    private RolloutRun run(RolloutRun.Limits limits, String reward) {
        AuditOptions question = AuditOptions.atBeta(reward, 0.6);
        return new RolloutRun(
                DrawnModels.of(models),
                Map.of("t", 1.0),
                Map.of(reward, RewardExpression.parse(reward)),
                question,
                limits);
    }

    private Path draw(String name, RolloutRun run) throws IOException {
        Path log = folder.resolve(name);
        run.draw(log, line -> {});
        return log;
    }

    private static List<JsonNode> records(Path log, String source) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        List<JsonNode> records = new ArrayList<>();
        for (String line : Files.readAllLines(log)) {
            JsonNode record = mapper.readTree(line);
            if (record.get("source").asText().equals(source)) {
                records.add(record);
            }
        }
        return records;
    }

    @Test
    void figuresAreTheExactOnesAndNarrowerThanThoseOfAsManyPlainDraws() throws IOException {
        ExactPrompt exact = new ExactCompletions(
                        2,
                        List.of(RewardExpression.parse(REWARD)),
                        models.prior().texts().tokenizer())
                .of(models.transformers(), "t", models.prompt("t", BeginToken.NO, HORIZON), HORIZON)
                .audited("t", 1);
        Map<String, Finding> truth =
                Audit.of(List.of(exact), List.of(REWARD), QUESTION).findings();
        RolloutRun thinned = run(limits(300, 20_000, 0), REWARD);
        draw("thinned.jsonl", thinned);
        RolloutRun plain = run(limits(300, 300, 0), REWARD);
        draw("plain.jsonl", plain);
        // A gate may say of the plain draws that they do not carry the posterior: their intervals are compared all the
        // same.
        Map<String, Finding> narrow = thinned.audit(QUESTION).findings();
        Map<String, Finding> wide = plain.audit(QUESTION).findings();
        for (String id : List.of("log_z", "kl.policy_asked", "kl.departure", "copies.moment_match")) {
            Finding found = narrow.get(id);
            double half = (found.upper() - found.lower()) / 2;
            assertThat(found.stands()).as(id).isTrue();
            assertThat(found.estimate()).as(id).isCloseTo(truth.get(id).estimate(), within(2 * half));
        }
        assertThat(width(narrow.get("log_z"))).isLessThan(0.5 * width(wide.get("log_z")));
        assertThat(narrow.get("ess.asked").estimate())
                .isGreaterThan(wide.get("ess.asked").estimate());
    }

    private static double width(Finding finding) {
        return finding.upper() - finding.lower();
    }

    @Test
    void whatIsKeptIsAPartOfWhatIsDrawnAndStandsForIt() throws IOException {
        List<JsonNode> kept = records(draw("thinned.jsonl", run(limits(300, 3000, 0), REWARD)), "prior");
        List<JsonNode> all = records(draw("all.jsonl", run(limits(3000, 3000, 0), REWARD)), "prior");
        assertThat(all)
                .hasSize(3000)
                .allSatisfy(record -> assertThat(record.has("kept")).isFalse());
        assertThat(kept).hasSizeBetween(250, 450);
        int at = 0;
        double drawn = 0;
        for (JsonNode record : kept) {
            while (!all.get(at).get("ids").equals(record.get("ids"))) {
                at++; // in the same order
            }
            assertThat(record.get("logp_policy").asDouble())
                    .isCloseTo(all.get(at).get("logp_policy").asDouble(), within(1e-5));
            at++;
            assertThat(record.get("draws").asLong()).isEqualTo(3000);
            assertThat(record.at("/kept/policy").asDouble()).isEqualTo(1);
            drawn += 1 / record.at("/kept/prior").asDouble();
        }
        double variance = 0; // of the sum of 1/kept, given the draws
        for (JsonNode record : kept) {
            double a = record.at("/kept/prior").asDouble();
            variance += (1 - a) / (a * a);
        }
        assertThat(drawn).isCloseTo(3000, within(4 * Math.sqrt(variance)));
    }

    /** A draw that ends without a word at its so manyth line of progress. */
    private Path brokenOff(RolloutRun.Limits limits, int line) {
        Path cut = folder.resolve("cut.jsonl");
        AtomicInteger lines = new AtomicInteger();
        assertThatThrownBy(() -> run(limits, REWARD).draw(cut, said -> {
                    if (lines.incrementAndGet() == line) {
                        throw new IllegalStateException("killed");
                    }
                }))
                .hasMessage("killed");
        return cut;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aThinnedDrawThatWasBrokenOffGoesOnAsIfItHadNot(long seed) throws IOException {
        RolloutRun.Limits limits = limits(100, 5000, 0);
        Path whole = draw("whole.jsonl", run(limits, REWARD));
        Path cut = brokenOff(limits, 4);
        try (FileChannel channel = FileChannel.open(DrawSpool.beside(cut), StandardOpenOption.WRITE)) {
            channel.truncate((long) (channel.size() * new SplittableRandom(seed).nextDouble()));
        }
        draw("cut.jsonl", run(limits, REWARD));
        assertThat(cut).hasSameTextualContentAs(whole);
        assertThat(DrawSpool.beside(cut)).doesNotExist();
    }

    /** Texts of two libraries or forms of weights are one log; that its last digits may be others is said. */
    @Test
    void aDrawThatGoesOnElsewhereSaysSo() throws IOException {
        RolloutRun.Limits limits = limits(100, 5000, 0);
        Path cut = brokenOff(limits, 3);
        Path spool = DrawSpool.beside(cut);
        String begun = Files.readString(spool);
        String form = models.prior().transformer().describeWeights();
        assertThat(begun).contains("\"weights of the prior\":\"" + form + "\"").contains("\"blas\":\"");
        Files.writeString(
                spool,
                begun.replace("\"weights of the prior\":\"" + form + "\"", "\"weights of the prior\":\"packed\"")
                        .replaceFirst("\"blas\":\"[a-z]+\"", "\"blas\":\"other\""));
        List<String> lines = new ArrayList<>();
        run(limits, REWARD).draw(cut, lines::add);
        assertThat(lines)
                .filteredOn(line -> line.startsWith("warning"))
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .contains("(it was other)")
                        .contains("weights of the prior " + form + " (it was packed)")
                        .doesNotContain("policy")
                        .endsWith("its last digits may differ from those of one that was never broken off"));
    }

    @Test
    void whatOneRewardLeftOutIsNoDrawOfAnother() throws IOException {
        RolloutRun.Limits limits = limits(100, 5000, 0);
        Path cut = brokenOff(limits, 3);
        assertThat(run(limits, REWARD).continues(cut)).isTrue();
        assertThat(run(limits, "count:[e]").continues(cut)).isFalse();
        assertThatThrownBy(() -> draw("cut.jsonl", run(limits, "count:[e]")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("field 'reward' is count:[e]; texts were left out of it by the reward count:[a]");
    }

    @Test
    void drawsGrowOnlyWhereThePosteriorIsNotReached() throws IOException {
        RolloutRun asked = run(limits(100, 0, 0), REWARD);
        List<JsonNode> kept = records(draw("grown.jsonl", asked), "prior");
        assertThat(kept.get(0).get("draws").asInt()).isGreaterThan(1000);
        assertThat(asked.audit(QUESTION).findings().get("ess.asked").estimate()).isGreaterThanOrEqualTo(30);
        String gentle = "contains:a"; // two levels, both of them common
        RolloutRun easy = new RolloutRun(
                DrawnModels.of(models),
                Map.of("t", 1.0),
                Map.of(gentle, RewardExpression.parse(gentle)),
                AuditOptions.atBeta(gentle, 5),
                limits(100, 0, 0));
        assertThat(records(draw("easy.jsonl", easy), "prior"))
                .hasSize(100)
                .allSatisfy(record -> assertThat(record.has("draws")).isFalse());
    }

    @Test
    void precisionIsReachedByDrawsWhereTheSamplesAreAllDrawn() throws IOException {
        RolloutRun wide = run(limits(400, 400, 0), REWARD);
        draw("wide.jsonl", wide);
        double width = width(wide.audit(QUESTION).findings().get("bayes_fraction"));
        List<String> lines = new ArrayList<>();
        RolloutRun narrow = run(limits(400, 0, 0.9 * width), REWARD);
        String stopped = narrow.draw(folder.resolve("narrow.jsonl"), lines::add);
        assertThat(lines).anySatisfy(line -> assertThat(line).contains("Bayes fraction"));
        Finding found = narrow.audit(QUESTION).findings().get("bayes_fraction");
        if (stopped.contains("wanted precision")) {
            assertThat(width(found)).isLessThan(0.9 * width);
        } else {
            assertThat(stopped).contains("no longer narrow");
        }
        assertThat(width(found)).isLessThan(width);
    }
}
