package dev.credence.lab.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.credence.core.provenance.InputException;
import dev.credence.core.training.Optimiser;
import dev.credence.data.corpora.Division;
import dev.credence.data.corpora.Sequences;
import dev.credence.lab.runs.Journal;
import dev.credence.lab.training.CorpusTrainingSettings.Measuring;
import dev.credence.lab.training.CorpusTrainingSettings.Pace;
import dev.credence.torch.architecture.LoraSettings;
import dev.credence.torch.architecture.Precision;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CorpusTrainingSettingsTest {
    private static final CorpusTrainingSettings STANDARD = CorpusTrainingSettings.standard();
    private static final Start.FromScratch SCRATCH = Start.FromScratch.standard();
    private static final AdamWSettings ADAMW = AdamWSettings.standard();
    private static final CorpusSettings CORPUS = CorpusSettings.standard();

    @Test
    void eachSettingChangesItselfAlone() {
        CorpusTrainingSettings other = STANDARD.steps(500)
                .batch(32)
                .length(64)
                .lr(0.002)
                .corpus(CORPUS.draws(3).field("body").validation(0).longOnes(Sequences.Overlong.CUT))
                .start(SCRATCH.layers(1).width(18, 3).context(9).vocabulary(300).tokenizer(Path.of("t")));

        assertThat(other.pace()).isEqualTo(new Pace(500, 32, 64, Precision.FLOAT32));
        assertThat(other.optimiser()).isEqualTo(new AdamWSettings(0.002, 50, 0, 0.01, 0.9, 0.999, 1));
        assertThat(other.corpus())
                .isEqualTo(new CorpusSettings(Division.of("paragraphs"), "body", 3, 0, Sequences.Overlong.CUT));
        assertThat(other.start()).isEqualTo(new Start.FromScratch(Path.of("t"), 300, 1, 18, 3, 9));
        assertThat(other.measuring()).isEqualTo(STANDARD.measuring());
        assertThat(ADAMW.moments(0.5, 0.6).clip(2).weightDecay(0.7).rate(3, 4, 0.5))
                .isEqualTo(new AdamWSettings(3, 4, 0.5, 0.7, 0.5, 0.6, 2));
        assertThat(CORPUS.documents(Division.of("lines")).documents().text()).isEqualTo("lines");
    }

    @Test
    void theOptimiserRisesToItsPeakAndFallsToItsShare() {
        Optimiser optimiser = ADAMW.rate(0.5, 10, 0.1).over(100);

        assertThat(optimiser.rule()).isEqualTo(Optimiser.Rule.ADAMW);
        assertThat(optimiser.rate().at(9)).isEqualTo(0.5);
        assertThat(optimiser.rate().at(4)).isEqualTo(0.25);
        assertThat(optimiser.rate().at(100)).isEqualTo(0.05);
        assertThat(optimiser.weightDecay()).isEqualTo(0.01);
    }

    @Test
    void aRecordNamesWhatIsNotAsByStandard() {
        assertThat(STANDARD.named())
                .containsEntry("documents", "paragraphs")
                .containsEntry("clip", "1.0")
                .containsEntry("layers", "4")
                .doesNotContainKeys("from", "tokenizer", "mlflow", "tensorboard", "lora");
        LoraSettings adapter = new LoraSettings(2, 3, false, Pattern.compile("attn"));
        CorpusTrainingSettings tuned = STANDARD.from(Path.of("base"), adapter)
                .optimiser(ADAMW.clip(Double.POSITIVE_INFINITY))
                .pace(new Pace(1, 2, 3, Precision.BFLOAT16))
                .corpus(CORPUS.documents(Division.of("separator:--")))
                .measuring(new Measuring(1, 2, 3, 4, new Journal.Sinks(true, "http://localhost:5000")));
        assertThat(tuned.named())
                .containsEntry("from", "base")
                .containsEntry("lora", "2")
                .containsEntry("lora-alpha", "3.0")
                .containsEntry("lora-targets", "attn")
                .containsEntry("clip", "inf")
                .containsEntry("precision", "bf16")
                .containsEntry("documents", "separator:--")
                .containsEntry("tensorboard", "true")
                .containsEntry("mlflow", "http://localhost:5000")
                .doesNotContainKeys("layers", "tokenizer");
        assertThat(STANDARD.from(Path.of("base")).named())
                .containsEntry("from", "base")
                .doesNotContainKey("lora");
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                refused("steps is 0; it must be 1 or more", () -> STANDARD.steps(0)),
                refused("batch is 0; it must be 1 or more", () -> STANDARD.batch(0)),
                refused("length is 1; it must be 2 or more", () -> STANDARD.length(1)),
                refused("precision is FLOAT64; it is float32 or bf16", () -> new Pace(1, 1, 2, Precision.FLOAT64)),
                refused("lr is NaN; it must be finite and > 0", () -> STANDARD.lr(Double.NaN)),
                refused("lr is Infinity; it must be finite and > 0", () -> STANDARD.lr(Double.POSITIVE_INFINITY)),
                refused("warmup is -1; it must be 0 or more", () -> ADAMW.rate(1, -1, 0)),
                refused("final-lr is 1.5; it must be in [0, 1]", () -> ADAMW.rate(1, 0, 1.5)),
                refused("weight-decay is NaN; it must be 0 or more", () -> ADAMW.weightDecay(Double.NaN)),
                refused("beta1 is 1.0; it must be in [0, 1)", () -> ADAMW.moments(1, 0.5)),
                refused("beta2 is -0.5; it must be in [0, 1)", () -> ADAMW.moments(0.5, -0.5)),
                refused("clip is 0.0; it must be a number > 0, or inf", () -> ADAMW.clip(0)),
                refused("draws is 0; it must be 1 or more", () -> CORPUS.draws(0)),
                refused("validation is 1.0; it must be in [0, 1)", () -> CORPUS.validation(1)),
                refused("vocabulary is 256; it must be 257 or more: 256 bytes", () -> SCRATCH.vocabulary(256)),
                refused("layers is 0; it must be 1 or more", () -> SCRATCH.layers(0)),
                refused("width is 0; it must be 1 or more", () -> SCRATCH.width(0, 1)),
                refused("heads is 0; it must be 1 or more", () -> SCRATCH.width(8, 0)),
                refused("context is 1; it must be 2 or more", () -> SCRATCH.context(1)),
                refused("width is 8; it must be a multiple of heads, 3", () -> STANDARD.start(SCRATCH.width(8, 3))),
                refused("log-every is 0; it must be 1 or more", () -> measuring(0, 1, 1, 0)),
                refused("evaluate-every is 0; it must be 1 or more", () -> measuring(1, 0, 1, 0)),
                refused("checkpoint-every is 0; it must be 1 or more", () -> measuring(1, 1, 0, 0)),
                refused("measure is -1; it must be 0 or more", () -> measuring(1, 1, 1, -1)),
                refused(
                        "lora is rank-stabilised; a run's record tells of the scale alpha / rank only",
                        () -> STANDARD.from(Path.of("b"), new LoraSettings(1, 1, true, Pattern.compile("")))));
    }

    private static Arguments refused(String message, ThrowingCallable call) {
        return arguments(message, call);
    }

    private static void measuring(long log, long evaluate, long checkpoint, int measure) {
        STANDARD.measuring(new Measuring(log, evaluate, checkpoint, measure, Journal.Sinks.none()));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatCannotBeIsRefusedByName(String message, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(InputException.class).hasMessageStartingWith(message);
    }
}
