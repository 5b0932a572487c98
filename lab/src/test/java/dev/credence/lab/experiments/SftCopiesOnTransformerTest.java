package dev.credence.lab.experiments;

import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.provenance.InputException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SftCopiesOnTransformerTest {
    private static final double[] WEIGHTS = {.5, .3, .2};
    private static final double[] LIKELIHOOD = {.1, .4, .8};
    private static final double[] PROBE = {.2, .5, .9};
    private static final Map<String, String> BRIEF = Map.of(
            "transformer", "yes",
            "transformer.seeds", "2",
            "transformer.steps", "30",
            "transformer.window.steps", "20",
            "transformer.window.epochs", "2",
            "transformer.documents", "2",
            "transformer.observation", "20",
            "transformer.continuation", "4");

    private static ExperimentResult run(String... further) {
        Map<String, String> settings = new LinkedHashMap<>(BRIEF);
        for (int i = 0; i < further.length; i += 2) {
            settings.put(further[i], further[i + 1]);
        }
        SftCopies experiment = new SftCopies();
        return experiment.run(ExperimentSettings.of(experiment, settings), line -> {});
    }

    @Test
    void readersOfCopiesAreBayesRule() {
        SftTransformer.Authors authors = new SftTransformer.Authors(WEIGHTS, LIKELIHOOD, PROBE);
        assertVector(authors.observed(0), "T17.copies0", "pred_o");
        assertVector(authors.observed(1), "T17.copies1", "pred_o");
        ReadCopies readers = authors.readers();
        for (int k : new int[] {0, 1, 2, 5, 20}) {
            double[] mass = new double[4];
            double sum = 0;
            for (int z = 0; z < 3; z++) {
                double weight = WEIGHTS[z] * Math.pow(LIKELIHOOD[z], k);
                sum += weight;
                mass[3] += weight * PROBE[z] * PROBE[z];
                mass[0] += weight * (1 - PROBE[z]) * (1 - PROBE[z]);
                mass[1] += weight * PROBE[z] * (1 - PROBE[z]);
            }
            double[] logs = readers.logProbs(k);
            assertThat(Math.exp(logs[3])).isCloseTo(mass[3] / sum, within(1e-12));
            assertThat(Math.exp(logs[0])).isCloseTo(mass[0] / sum, within(1e-12));
            assertThat(Math.exp(logs[1])).isCloseTo(mass[1] / sum, within(1e-12));
            double[] probe = Arrays.stream(logs).map(Math::exp).toArray();
            assertThat(readers.nearest(probe)).isCloseTo(k, within(1e-6));
            assertThat(readers.kl(probe, readers.nearest(probe))).isLessThan(1e-12);
        }
    }

    @Test
    void betweenTwoNumbersOfCopiesReadersAreMixed() {
        ReadCopies readers = new ReadCopies(new double[][] {{.5, .3, .2}, {.2, .3, .5}, {.1, .1, .8}});
        assertThat(readers.nearest(new double[] {.35, .3, .35})).isCloseTo(.5, within(1e-6));
        assertThat(readers.nearest(new double[] {.15, .2, .65})).isCloseTo(1.5, within(1e-6));
        assertThat(readers.nearest(new double[] {.9, .05, .05})).isZero();
        assertThat(readers.nearest(new double[] {0, 0, 1})).isEqualTo(2);
        assertThat(readers.tells(1)).isFalse();
        assertThat(readers.tells(.1)).isTrue();
    }

    /** Letters of a writer are drawn as Pólya's urn has them, whatever the order. */
    @Test
    void writersAreExchangeable() {
        WindowTransformer.Writers writers = new WindowTransformer.Writers(3, .5, 4, 8, 4, 1);
        assertThat(writers.predicted(new int[] {1, 1, 3}, 0, 3))
                .containsExactly(new double[] {2.5 / 4.5, .5 / 4.5, 1.5 / 4.5}, within(1e-12));
        assertThat(writers.predicted(new int[] {1, 1, 3}, 2, 3))
                .containsExactly(new double[] {.5 / 2.5, .5 / 2.5, 1.5 / 2.5}, within(1e-12));
        SplittableRandom random = new SplittableRandom(1);
        int same = 0;
        int draws = 40_000;
        for (int i = 0; i < draws; i++) {
            int[] text = writers.draw(2, random);
            same += text[0] == text[1] ? 1 : 0;
        }
        double p = 1.5 / 2.5;
        assertThat(same / (double) draws).isCloseTo(p, within(4 * Math.sqrt(p * (1 - p) / draws)));
    }

    @Test
    void everyFigureOfTheContractIsThere() {
        ExperimentResult result = run();
        for (int copies : new int[] {1, 2, 5, 20}) {
            for (String way : new String[] {"sft", "adamw", "prompt"}) {
                Finding number = result.findings().get("transformer." + way + "." + copies + ".copies");
                assertThat(number.estimate()).isBetween(0.0, (double) SftTransformer.MOST);
                assertThat(number.lower()).isNotNegative();
                assertThat(result.findings()
                                .get("transformer." + way + "." + copies + ".residual")
                                .estimate())
                        .isNotNegative();
            }
        }
        for (String way : new String[] {"full", "sliding", "chunked", "tuned"}) {
            assertThat(result.findings().get("window." + way).estimate()).isBetween(0.2, Math.log(7) + 1);
        }
        double least = result.findings().get("window.full.bayes").estimate();
        double sliding = result.findings().get("window.sliding.bayes").estimate();
        double chunked = result.findings().get("window.chunked.bayes").estimate();
        assertThat(least).isLessThan(sliding);
        assertThat(sliding).isLessThan(chunked);
        assertThat(result.findings().get("window.full").estimate())
                .as("none is below the least")
                .isGreaterThan(least);
        assertThat(result.conclusion()).contains("fine-tuned by sgd at 0.01").containsIgnoringCase("past the window");
    }

    @Test
    void theSameSeedGivesTheSameFigures() {
        String[] tiny = {
            "transformer.steps", "3", "transformer.window.steps", "3", "copies", "1", "transformer.observation", "4"
        };
        Map<String, Finding> once = run(tiny).findings();
        assertThat(run(tiny).findings()).isEqualTo(once);
        String[] other = Arrays.copyOf(tiny, tiny.length + 2);
        other[tiny.length] = "seed";
        other[tiny.length + 1] = "2";
        assertThat(run(other).findings()).isNotEqualTo(once);
    }

    /** The controls: what tells no author apart counts as no number of copies, and writers who are alike lose nothing. */
    @Test
    void withoutADifferenceThereIsNothingToRead() {
        ExperimentResult result = run("likelihood", ".4,.4,.4", "transformer.alpha", "1e6");
        for (String id :
                new String[] {"transformer.sft.5.copies", "transformer.prompt.2.residual", "window.tuned.recovered"}) {
            assertThat(result.findings().get(id).stands()).as(id).isFalse();
        }
        assertThat(result.conclusion()).contains("there is nothing to read").contains("nothing is lost");
        assertThat(result.findings().get("window.chunked.bayes").estimate())
                .isCloseTo(result.findings().get("window.full.bayes").estimate(), within(1e-6));
    }

    /** A step as long as none moves nothing: no copy. */
    @Test
    void aRateOfNothingIsNoCopy() {
        ExperimentResult result = run("transformer.tune.lr", "1e-9,1e-9", "copies", "1");
        assertThat(result.findings().get("transformer.sft.1.copies").estimate()).isLessThan(1e-3);
        assertThat(result.findings().get("transformer.adamw.1.copies").estimate())
                .isLessThan(1e-3);
    }

    @Test
    void refusesWhatItCannotTrain() {
        assertThatThrownBy(() -> run("copies", "1,201"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("copies is 1,201; a transformer is fine-tuned for at most 200 steps");
        assertThatThrownBy(() -> run("transformer.tune.lr", ".1"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("it has a rate for each of the optimisers, sgd, adamw");
        assertThatThrownBy(() -> run("transformer.optimisers", "kfac"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("each must be one of sgd, adamw");
    }
}
