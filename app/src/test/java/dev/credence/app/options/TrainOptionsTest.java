package dev.credence.app.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import dev.credence.data.corpora.Division;
import dev.credence.data.corpora.Sequences;
import dev.credence.lab.runs.Journal;
import dev.credence.lab.training.AdamWSettings;
import dev.credence.lab.training.CorpusSettings;
import dev.credence.lab.training.CorpusTrainingSettings;
import dev.credence.lab.training.CorpusTrainingSettings.Measuring;
import dev.credence.lab.training.CorpusTrainingSettings.Pace;
import dev.credence.lab.training.Start;
import dev.credence.torch.architecture.LoraSettings;
import dev.credence.torch.architecture.Precision;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What can be typed and what the library takes are the same settings. */
class TrainOptionsTest {
    @Test
    void whatIsNotTypedIsTheLibrarysStandard() {
        assertThat(TypedSettings.of(Map.of()).settings()).isEqualTo(CorpusTrainingSettings.standard());
        assertThat(new TrainOptions().settings()).isEqualTo(CorpusTrainingSettings.standard());
        assertThat(TypedSettings.all(Map.of()).keySet())
                .containsAll(CorpusTrainingSettings.standard().named().keySet());
    }

    static Stream<CorpusTrainingSettings> settings() {
        CorpusTrainingSettings standard = CorpusTrainingSettings.standard();
        Measuring measuring = new Measuring(1, 2, 3, 4, new Journal.Sinks(true, "http://localhost:1"));
        return Stream.of(
                standard,
                standard.start(new Start.FromScratch(Path.of("t"), 300, 1, 18, 3, 9))
                        .corpus(new CorpusSettings(Division.of("separator:= ="), "f", 7, 0, Sequences.Overlong.CUT))
                        .pace(new Pace(8, 9, 10, Precision.BFLOAT16))
                        .optimiser(new AdamWSettings(0.1, 11, 0.2, 0.3, 0.4, 0.5, Double.POSITIVE_INFINITY))
                        .measuring(measuring),
                standard.optimiser(AdamWSettings.standard().clip(1e-3)).from(Path.of("base")),
                standard.from(Path.of("base"), LoraSettings.ofRank(3)),
                standard.from(Path.of("base"), new LoraSettings(2, 5.5, false, Pattern.compile("attn|mlp"))));
    }

    /** A run that was begun from Java goes on from the command line. */
    @ParameterizedTest
    @MethodSource("settings")
    void aRecordIsReadAsItWasWritten(CorpusTrainingSettings settings) {
        CorpusTrainingSettings read = TypedSettings.of(settings.named()).settings();
        assertThat(read.named()).isEqualTo(settings.named());
        if (!(read.start() instanceof Start.FromCheckpoint from
                && from.adapter() != null)) { // a pattern equals itself only
            assertThat(read).isEqualTo(settings);
        }
    }

    @Test
    void settingsAreCheckedOneByOneAndTogether() {
        Map<String, String> read = new LinkedHashMap<>(Map.of("heads", "3", "lora", "2", "width", "18"));
        assertThatThrownBy(() -> TypedSettings.of(read).settings())
                .isInstanceOf(InputException.class)
                .hasMessage("lora is 2; an adapter stands on a model: give --from DIR");
        read.put("from", "base");
        assertThat(((Start.FromCheckpoint) TypedSettings.of(read).settings().start()).adapter())
                .extracting(LoraSettings::rank, LoraSettings::alpha)
                .containsExactly(2, 4.0);
    }
}
