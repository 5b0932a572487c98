package dev.credence.lab.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.ExactPrompt;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.ReadOptions;
import dev.credence.data.rollouts.RolloutLogReader;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.ExactCompletions;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.TinyCheckpoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exact draws of tilts beside those of two models, small enough that every text can be enumerated. */
@SuppressWarnings("NullAway.Init")
class TiltRunTest {
    private static final String REWARD = "count:[a]";
    private static final int HORIZON = 5;
    private static final int SAMPLES = 300;
    private static final List<Double> TILTS = List.of(1.0, 3.0);

    @TempDir
    private Path folder;

    private ModelPair models;
    private ExactPrompt exact;

    @BeforeEach
    void openModels() throws IOException {
        models = ModelPair.open(
                TinyCheckpoint.write(folder.resolve("prior"), 1).toString(),
                TinyCheckpoint.write(folder.resolve("policy"), 2).toString());
        exact = new ExactCompletions(
                        2,
                        List.of(RewardExpression.parse(REWARD)),
                        models.prior().texts().tokenizer())
                .of(models.transformers(), "t", models.prompt("t", BeginToken.NO, HORIZON), HORIZON)
                .audited("t", 1);
    }

    @AfterEach
    void closeModels() {
        models.close();
    }

    private RolloutLog drawn(List<Double> tilts, int draws, String reward) throws IOException {
        RolloutRun run = new RolloutRun(
                new DrawnModels(models, null, tilts),
                Map.of("t", 1.0),
                Map.of(reward, RewardExpression.parse(reward)),
                AuditOptions.atBeta(reward, 1 / 3.0),
                new RolloutRun.Limits(SAMPLES, draws, HORIZON, Double.POSITIVE_INFINITY, 0, BeginToken.NO));
        Path log = folder.resolve(tilts.size() + "-" + draws + ".parquet");
        run.draw(log, line -> {});
        return new RolloutLogReader(ReadOptions.standard(1), InputStream.nullInputStream())
                .read(List.of(log.toString()))
                .steps()
                .get(0)
                .log();
    }

    @ParameterizedTest
    @ValueSource(ints = {SAMPLES, 3000})
    void theirRewardsAreTheTiltsAndTheirZIsSolvedFor(int draws) throws IOException {
        RolloutLog log = drawn(TILTS, draws, REWARD);
        assertThat(log.sources()).hasSize(4);
        for (int s = 2; s < 4; s++) {
            double lambda = log.tilts()[s];
            byte source = (byte) s;
            double[] rewards = IntStream.range(0, log.size())
                    .filter(i -> log.columns().source()[i] == source)
                    .mapToDouble(i -> log.columns().rewards()[0][i])
                    .toArray();
            assertThat(rewards).as("λ %s", lambda).hasSize(SAMPLES);
            double[] moments = moments(lambda);
            double mean =
                    IntStream.range(0, SAMPLES).mapToDouble(i -> rewards[i]).sum() / SAMPLES;
            assertThat(mean).as("λ %s", lambda).isCloseTo(moments[0], within(4 * Math.sqrt(moments[1] / SAMPLES)));
        }
        AuditOptions question = AuditOptions.atBeta(REWARD, 1 / 3.0);
        Finding truth =
                Audit.of(List.of(exact), List.of(REWARD), question).findings().get("log_z");
        Finding with = Audit.of(log, question).findings().get("log_z");
        Finding without =
                Audit.of(drawn(List.of(), draws, REWARD), question).findings().get("log_z");
        assertThat(with.estimate()).isCloseTo(truth.estimate(), within(2 * (with.estimate() - with.lower())));
        assertThat(with.estimate() - with.lower()).isLessThan(without.estimate() - without.lower());
    }

    /** Mean and variance of the reward under the exact tilt. */
    private double[] moments(double lambda) {
        double[] reward = exact.rewards()[0];
        double total = 0;
        double first = 0;
        double second = 0;
        for (int i = 0; i < reward.length; i++) {
            double weight = Math.exp(exact.logPrior()[i] + lambda * reward[i]);
            total += weight;
            first += weight * reward[i];
            second += weight * reward[i] * reward[i];
        }
        double mean = first / total;
        return new double[] {mean, second / total - mean * mean};
    }

    @Test
    void aRewardThatIsNotFollowedIsRefused() {
        assertThatThrownBy(() -> drawn(List.of(1.0), SAMPLES, "count:(a)\\1"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("exact draws need a reward that is followed token by token");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, Double.NaN, Double.POSITIVE_INFINITY, 2})
    void whatIsNoFurtherTiltIsRefused(double lambda) {
        List<Double> tilts = lambda == 2 ? List.of(2.0, 2.0) : List.of(lambda);
        assertThatThrownBy(() -> new DrawnModels(models, null, tilts))
                .hasMessageContaining("each λ is a finite number");
    }
}
