package dev.credence.lab.conditioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.model.Continuation;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.models.TinyCheckpoint;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.training.TrainedConditioner;
import dev.credence.methods.training.TrainingRun;
import dev.credence.methods.training.TrainingSettings;
import dev.credence.methods.training.TrainingStep;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Quark on a transformer: every quantile is learned behind its tokens. */
class QuantilesToldTest {
    private static final RewardExpression LETTERS = RewardExpression.parse("0.5*count:[ae]");

    @TempDir
    private Path folder;

    private OpenModel model;

    @BeforeEach
    void open() throws IOException {
        model = OpenModel.open(TinyCheckpoint.write(folder.resolve("prior"), 3).toString());
    }

    @AfterEach
    void close() {
        model.close();
    }

    private PolicyTraining.Work begin(MethodOptions options, int horizon, String... prompts) {
        Map<String, Double> weights = new LinkedHashMap<>();
        for (String prompt : prompts) {
            weights.put(prompt, 1.0);
        }
        TrainedConditioner quark = (TrainedConditioner) Methods.byName("quark");
        PolicyTraining training = new PolicyTraining(model, weights, BeginToken.YES, LETTERS, horizon);
        TrainingSettings settings = quark.settings(options, TrainingSettings.Place.MODEL);
        return training.begin(quark, options, settings, training.standardLimits());
    }

    private static MethodOptions options() {
        return MethodOptions.none()
                .with("quantiles", "3")
                .with("rounds", "2")
                .with("steps", "8")
                .with("samples", "12");
    }

    private static byte[] state(PolicyTraining.Work work) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        work.policy().save(out);
        work.run().save(out);
        work.random().save(out);
        return out.toByteArray();
    }

    /** What a step raises behind each quantile's tokens are texts of that quantile: its mean reward parts from the others'. */
    @Test
    void textsOfAllQuantilesAreLearned() {
        List<Continuation> told = new ArrayList<>();
        int[] bare = model.prompt("t", BeginToken.YES);
        int[] best = {1, 1}; // ae, no end before
        int[] worst = {3, 3};
        for (int k = 0; k < 3; k++) {
            int[] ids = k == 0 ? bare : new int[] {bare[0], bare[1], 0, k};
            told.add(new Continuation(ids, best));
            told.add(new Continuation(ids, worst));
        }
        try (PolicyTraining.Work work =
                begin(options().with("lr", "0.01").with("steps", "60").with("rounds", "1"), 2, "t")) {
            double[][] before = work.policy().logProbs(told);
            TrainingRun.Outcome end = work.run().run(work.random(), step -> {});
            double[][] after = work.policy().logProbs(told);
            double[] gained = new double[3]; // log-odds of the good text over the bad one
            for (int k = 0; k < 3; k++) {
                gained[k] = sum(after[2 * k]) - sum(after[2 * k + 1]) - sum(before[2 * k]) + sum(before[2 * k + 1]);
            }
            assertThat(gained[0]).isPositive();
            assertThat(gained[2]).isNegative();
            assertThat(gained[0]).isGreaterThan(gained[1]);
            // 12 texts a step and the best third's own under the prior, 720 of the pool and as many of the prior
            assertThat(end.last().modelCalls()).isEqualTo(60L * (12 + 4) + 2 * 720);
        }
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }

    @Test
    void aTrainingTakenUpEndsWithTheSameBytes() throws IOException {
        List<byte[]> states = new ArrayList<>();
        byte[] end;
        try (PolicyTraining.Work work = begin(options(), 2, "t", "h")) {
            states.add(state(work));
            work.run().run(work.random(), new TrainingRun.StepListener() {
                @Override
                public void measured(TrainingStep step) {
                    // what is compared is the end
                }

                @Override
                public void passed(TrainingStep step) {
                    try {
                        states.add(state(work));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            });
            end = state(work);
        }
        assertThat(states.get(3)).isNotEqualTo(end);
        for (int at : new int[] {0, 3, 4, 7}) { // of two rounds of four steps
            try (PolicyTraining.Work again = begin(options(), 2, "t", "h")) {
                ByteArrayInputStream in = new ByteArrayInputStream(states.get(at));
                again.policy().restore(in);
                again.run().restore(in);
                again.random().restore(in);
                again.run().run(again.random(), step -> {});
                assertThat(state(again)).as("from step %d", at).isEqualTo(end);
            }
        }
    }

    @Test
    void whatCannotBeToldIsRefused() {
        try (PolicyTraining.Work fits = begin(options(), 5, "t")) {
            assertThat(fits.run().run(fits.random(), step -> {}).last().step()).isEqualTo(8);
        }
        refused(
                options(),
                6, // the last is not read: with the prompt's two there are seven, where eight have room
                "horizon is 6; behind prompt 't' two tokens tell the quantile, and there is no room for them: the text"
                        + " has 9 tokens; the model's context window is 8",
                "t");
        refused(
                options().with("samples", "2"),
                2,
                "samples is 2; each of 3 quantiles needs a text of each prompt a step",
                "t");
        refused(options().with("quantiles", "6"), 2, "quantiles is 6; all but the best need a token", "t");
        refused(
                options(),
                2,
                "prompts is 't<|endoftext|>a'; it begins with what tells the model a quantile of prompt 't'",
                "t",
                "t<|endoftext|>a");
    }

    private void refused(MethodOptions options, int horizon, String words, String... prompts) {
        assertThatThrownBy(() -> begin(options, horizon, prompts).close())
                .isInstanceOf(InputException.class)
                .hasMessageContaining(words);
    }
}
