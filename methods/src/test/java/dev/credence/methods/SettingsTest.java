package dev.credence.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import dev.credence.core.training.Optimiser;
import dev.credence.methods.training.ExpertIteration;
import dev.credence.methods.training.KlPlacement;
import dev.credence.methods.training.PolicyGradient;
import dev.credence.methods.training.Preference;
import dev.credence.methods.training.Schedule;
import dev.credence.methods.training.Surrogate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Settings of every method: from records to text and back, and what is refused. */
class SettingsTest {
    private static final int TRIALS = 60;
    private static final List<String> KEPT_APART = List.of("n", "q", "prior-share"); // one filter of expert iteration
    private static final Map<String, List<String>> WORDS = Map.of(
            "divergence", List.of("kl", "reverse-kl", "js", "tv", "chi2", "reverse-chi2"),
            "moment", List.of("1", "-2.5"),
            "twist", List.of("exact", "learned", "none"),
            "twist-loss", List.of("table", "contrastive", "soft-rl"),
            "kl", Arrays.stream(KlPlacement.values()).map(KlPlacement::word).toList(),
            "optimiser", List.of("adam", "adamw", "sgd", "natural"),
            "ratio", List.of("token", "sequence"),
            "prompt", List.of("x", "two words", "--dashes", "ä=ö", ""),
            "observation", List.of("a", "b=c"),
            "level", List.of("1", "-2..0.5", "-Infinity..3"));

    static Stream<Arguments> methods() {
        return Methods.all().stream().map(method -> Arguments.of(method.card().name(), method));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("methods")
    void whatIsWrittenIsReadAsTheSame(String name, Conditioner method) {
        SplittableRandom random = new SplittableRandom(name.hashCode());
        for (int trial = 0; trial < TRIALS; trial++) {
            Map<String, String> given = given(method, random);
            Conditioner set = method.with(given);
            assertThat(method.with(set.settings())).as("%s", given).isEqualTo(set);
            given.forEach((setting, value) -> assertSame(set.settings().get(setting), value, setting));
        }
        assertThat(method.with(Map.of())).isEqualTo(method);
    }

    /** A number may be written otherwise, but is the same number. */
    private static void assertSame(String written, String given, String setting) {
        if (given.matches("-?[0-9]+([.][0-9]+)?(E-?[0-9]+)?")) {
            assertThat(Double.parseDouble(written)).as(setting).isEqualTo(Double.parseDouble(given));
        } else {
            assertThat(written).as(setting).isEqualTo(given);
        }
    }

    /** Values in range of some of the settings. */
    private static Map<String, String> given(Conditioner method, RandomGenerator random) {
        Map<String, String> given = new LinkedHashMap<>();
        for (MethodOption option : method.card().options()) {
            boolean filter = KEPT_APART.contains(option.name()) && method instanceof ExpertIteration;
            boolean second = filter && given.keySet().stream().anyMatch(KEPT_APART::contains);
            if (random.nextBoolean() && !second && !option.name().equals("demonstrations")) {
                given.put(option.name(), value(method, option, random));
            }
        }
        return given;
    }

    private static String value(Conditioner method, MethodOption option, RandomGenerator random) {
        if (option.name().equals("baseline")) {
            return method.card().name().equals("ppo")
                    ? pick(List.of("batch", "value", "value-head"), random)
                    : pick(List.of("none", "batch", "group"), random);
        }
        if (option.name().equals("twist-from")) {
            return pick(List.of("runs/smc", "a folder"), random);
        }
        if (WORDS.containsKey(option.name())) {
            return pick(WORDS.getOrDefault(option.name(), List.of()), random);
        }
        if (option.isFlag()) {
            return Boolean.toString(random.nextBoolean());
        }
        if (option.name().equals("seed")) {
            return Long.toString(random.nextLong());
        }
        double share = 1 - random.nextDouble();
        return switch (option.range().orElseThrow()) {
            case COUNT -> Integer.toString(1 + random.nextInt(1_000_000));
            case SHARE -> Double.toString(share);
            case PART -> Double.toString(1 - share);
            case POSITIVE, NOT_NEGATIVE, COEFFICIENT ->
                method.card().name().equals("natural-gradient")
                        ? Double.toString(share)
                        : Double.toString(share * Math.pow(10, random.nextInt(5) - 2));
            case NUMBER -> Double.toString(1e3 * random.nextGaussian());
        };
    }

    private static String pick(List<String> words, RandomGenerator random) {
        return words.get(random.nextInt(words.size()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("methods")
    void whatIsOutOfRangeIsRefusedByNameAndRule(String name, Conditioner method) {
        for (MethodOption option : method.card().options()) {
            option.range().ifPresent(range -> {
                for (double bad : new double[] {Double.NaN, -1, 0, 1.5, Double.POSITIVE_INFINITY}) {
                    if (!range.contains(bad)) {
                        String text = Settings.word(bad);
                        assertThatThrownBy(() -> method.with(Map.of(option.name(), text)))
                                .as("%s %s=%s", name, option.name(), text)
                                .isInstanceOf(InputException.class)
                                .hasMessageStartingWith(option.name() + " is " + text + "; ")
                                .hasMessageContaining(
                                        Double.isNaN(bad) && range != Range.COUNT ? "a number" : range.rule());
                    }
                }
                assertRefused(method, option, "much", Range.NUMBER.rule());
            });
            if (option.isFlag()) {
                assertRefused(method, option, "yes", "it is true or false");
            }
        }
        assertThatThrownBy(() -> method.with(Map.of("stpes", "1")))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("stpes is 1; ");
    }

    private static void assertRefused(Conditioner method, MethodOption option, String value, String rule) {
        assertThatThrownBy(() -> method.with(Map.of(option.name(), value)))
                .isInstanceOf(InputException.class)
                .hasMessage(option.name() + " is " + value + "; " + rule);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rloo | kl | k1 | it is one of reward:k1, reward:k3, loss:k1, loss:k2, loss:k3, loss:k3-ratio, mean-token, none",
                "rloo | optimiser | sdg | it is one of adamw, adam, sgd, natural",
                "rloo | seed | 1.5 | it must be a whole number",
                "ppo | baseline | group | it is one of batch, value",
                "reinforce | baseline | value | it is one of none, batch, group",
                "grpo | ratio | none | it is one of token, sequence",
                "poisson | beta | 0 | it must be at least 1e-6",
                "natural-gradient | lr | -0.1 | it must be positive and finite",
                "decision-transformer | level | 2..NaN | the range's first number must not exceed its second"
            })
    void aWordThatIsNoneOfTheChoicesIsRefused(String method, String setting, String value, String rule) {
        assertThatThrownBy(() -> Methods.byName(method).with(Map.of(setting, value)))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(setting + " is " + value + "; " + rule);
    }

    @Test
    void aSettingOfAnotherMethodIsUnknown() {
        assertThatThrownBy(() -> new BestOfN().with(Map.of("round", "2")))
                .hasMessage("round is 2; no method named here has it; did you mean 'rounds'? known are: n, rounds");
        assertThatThrownBy(() -> Settings.of(Schedule.class).read(Schedule.STANDARD, Map.of("step", "2")))
                .hasMessageStartingWith("step is 2; did you mean 'steps'? known are: steps, samples, lr,");
        assertThatThrownBy(() -> PolicyGradient.rloo().with(Map.of("epochs", "2")))
                .hasMessageContaining("no method named here has it");
    }

    @Test
    void typedSettingsAreThoseOfTheCommandLine() {
        assertThat(BestOfN.of(3).rounds(2))
                .isEqualTo(Methods.byName("best-of-n").with(Map.of("n", "3", "rounds", "2")));
        assertThat(PolicyGradient.rloo().atKl(0.1).samples(32).steps(300).learningRate(0.01))
                .isEqualTo(Methods.byName("rloo")
                        .with(Map.of("beta", "0.1", "samples", "32", "steps", "300", "lr", "0.01")));
        assertThat(PolicyGradient.dapo().clip(0.1))
                .isEqualTo(Methods.byName("dapo").with(Map.of("clip", "0.1")));
        assertThat(PolicyGradient.dapo().clip(0.1).clipHigh(0.3))
                .isEqualTo(Methods.byName("dapo").with(Map.of("clip-high", "0.3", "clip", "0.1")));
        assertThat(PolicyGradient.ppo()
                        .baseline(Surrogate.Baseline.VALUE)
                        .epochs(2)
                        .optimiser(Optimiser.Rule.SGD))
                .isEqualTo(Methods.byName("ppo").with(Map.of("baseline", "value", "epochs", "2", "optimiser", "sgd")));
        assertThat(Preference.kto().atKl(0.5).population())
                .isEqualTo(Methods.byName("kto").with(Map.of("beta", "0.5", "population", "true")));
        assertThat(ExpertIteration.bestOf(4).rounds(2).train().pool(99))
                .isEqualTo(Methods.byName("raft").with(Map.of("n", "4", "rounds", "2", "train", "true", "pool", "99")));
    }

    @Test
    void badSettingsInJavaAreRefusedTheSameWay() {
        assertThatThrownBy(() -> BestOfN.of(0))
                .isInstanceOf(InputException.class)
                .hasMessage("n is 0; it must be a whole number of at least 1");
        assertThatThrownBy(() -> PolicyGradient.rloo().atKl(Double.NaN))
                .isInstanceOf(InputException.class)
                .hasMessage("beta is NaN; it must be a number");
        assertThatThrownBy(() -> PolicyGradient.grpo().clipHigh(-0.1))
                .hasMessage("clip-high is -0.1; it must be finite and at least 0");
        assertThatThrownBy(() -> PolicyGradient.grpo().learningRate(-1))
                .hasMessage("lr is -1; it must be finite and at least 0");
        assertThatThrownBy(() -> new Quantilizer(1.5, 1)).hasMessage("q is 1.5; it must be in (0, 1]");
    }

    /** Helps that list the choices list all of them. */
    @Test
    void theHelpOfThePenaltyNamesEveryPlacement() {
        String all = Arrays.stream(KlPlacement.values()).map(KlPlacement::word).collect(Collectors.joining(", "));
        assertThat(PolicyGradient.rloo().card().options().get(1).help())
                .isEqualTo("where the KL penalty stands: " + all);
    }

    /** Clip alone was both bounds, but the record of the run said the preset's upper one. */
    @Test
    void theSettingsInForceAreThoseThatAre() {
        MethodOptions given = MethodOptions.none().with("clip", "0.30");
        assertThat(Methods.byName("dapo").inForce(given))
                .containsEntry("clip", "0.30")
                .containsEntry("clip-high", "0.3");
        assertThat(Methods.byName("natural-gradient")
                        .inForce(MethodOptions.none().with("target-kl", 1)))
                .containsEntry("steps", "1000000");
    }

    @Test
    void helpNamesOtherSettingsAsItsReaderWritesThem() {
        MethodOption steps =
                Settings.of(Schedule.class).options(Schedule.STANDARD).get(0);
        assertThat(steps.help()).isEqualTo("steps of training; with population at most, up to the limit");
        assertThat(steps.help(name -> "<" + name.toUpperCase(Locale.ROOT) + ">"))
                .contains("with <POPULATION> at most");
        for (Conditioner method : Methods.all()) {
            assertThat(method.card().options())
                    .allSatisfy(option -> assertThat(option.help()).doesNotContain("--", "{", "}"));
        }
    }
}
