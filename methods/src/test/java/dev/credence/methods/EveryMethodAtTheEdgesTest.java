package dev.credence.methods;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.methods.training.TrainingDivergedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** Every method on tables that are not as one expects, at settings that nobody uses: a distribution comes out, or a refusal by name. */
class EveryMethodAtTheEdgesTest {
    private static final int SECONDS = 20;

    private record World(String name, TableModel prior, RewardFunction reward) {}

    private static World world(String name, double[] prior, double[] rewards) {
        Map<String, Double> masses = new LinkedHashMap<>();
        Map<String, Double> byText = new LinkedHashMap<>();
        for (int i = 0; i < prior.length; i++) {
            masses.put(prior.length > 26 ? "t" + i : String.valueOf((char) ('a' + i)), prior[i]);
            byText.put(prior.length > 26 ? "t" + i : String.valueOf((char) ('a' + i)), rewards[i]);
        }
        RewardFunction reward = (prompt, text) -> byText.getOrDefault(text, Double.NaN);
        return new World(name, TableModel.of(Distribution.of(masses)), reward);
    }

    private static List<World> worlds() {
        SplittableRandom random = new SplittableRandom(3);
        double[] many = new double[2000];
        double[] rewards = new double[many.length];
        double sum = 0;
        for (int i = 0; i < many.length; i++) {
            many[i] = random.nextDouble() * random.nextDouble();
            rewards[i] = Math.rint(4 * random.nextDouble());
            sum += many[i];
        }
        for (int i = 0; i < many.length; i++) {
            many[i] /= sum;
        }
        World one = world("two", new double[] {.6, .4}, new double[] {0, 1});
        World other = world("three", new double[] {.2, .3, .5}, new double[] {1, 0, -2});
        Map<String, Distribution> prompts = new LinkedHashMap<>();
        prompts.put("p", one.prior.given(one.prior.prompts().get(0)));
        prompts.put("q", other.prior.given(other.prior.prompts().get(0)));
        return List.of(
                world("plain", new double[] {.4, .3, .2, .1}, new double[] {0, 1, 2, 3}),
                world("all rewards equal", new double[] {.5, .3, .2}, new double[] {1, 1, 1}),
                world("one outcome", new double[] {1}, new double[] {2}),
                world("zero probability", new double[] {.5, .5, 0}, new double[] {0, 1, 2}),
                world("thousands", many, rewards),
                world("huge rewards", new double[] {.5, .3, .2}, new double[] {-1e9, 0, 1e9}),
                new World(
                        "weights",
                        TableModel.of(prompts, Map.of("p", .9, "q", .1)),
                        (prompt, text) -> text.charAt(0) - (prompt.equals("p") ? 'a' : 'b')));
    }

    /** What is asked of a method besides its standard settings, each alone. */
    private static List<MethodOptions> settings(Conditioner method, MethodOptions needed) {
        List<MethodOptions> all = new ArrayList<>(List.of(needed));
        for (MethodOption option : method.card().options()) {
            switch (option.name()) {
                case "beta" ->
                    List.of("1e-15", "0.02", "1e15", "0").forEach(beta -> all.add(needed.with("beta", beta)));
                case "n", "samples", "quantiles", "rounds", "particles", "pool" ->
                    all.add(needed.with(option.name(), 1));
                case "q" -> all.add(needed.with("q", "1"));
                case "population" -> {
                    for (String beta : List.of("0.02", "1000")) {
                        MethodOptions limit = MethodOptions.none().with("population", "true");
                        for (String name : List.of("prompt", "observation", "moment")) {
                            limit = needed.has(name)
                                    ? limit.with(name, needed.values().getOrDefault(name, ""))
                                    : limit;
                        }
                        boolean has = method.card().options().stream()
                                .anyMatch(o -> o.name().equals("beta"));
                        all.add(has ? limit.with("beta", beta) : limit);
                    }
                }
                default -> {
                    // its standard
                }
            }
        }
        return all;
    }

    private static MethodOptions needed(Conditioner method) {
        MethodOptions given = switch (method.card().name()) {
            case "prompt" -> MethodOptions.none().with("prompt", "a");
            case "sft" -> MethodOptions.none().with("observation", "a");
            case "gdc" -> MethodOptions.none().with("moment", "1");
            default -> MethodOptions.none();
        };
        boolean trains = method.card().options().stream()
                .anyMatch(option -> option.name().equals("steps"));
        return trains && !method.card().name().equals("natural-gradient") ? given.with("steps", 8) : given;
    }

    @Test
    void aDistributionOrARefusalByName() throws Exception {
        List<String> bad = new ArrayList<>();
        ExecutorService one = Executors.newSingleThreadExecutor();
        int right = 0;
        int refused = 0;
        for (Conditioner method : Methods.all()) {
            for (World world : worlds()) {
                for (MethodOptions given : settings(method, needed(method))) {
                    if (world.name.equals("thousands") && (given.has("population") || given.has("beta"))) {
                        continue; // limits of many texts are searched by PopulationHuntTest
                    }
                    String what = method.card().name() + " " + given.values() + " on " + world.name;
                    Future<String> run = one.submit(() -> outcome(method, world, given));
                    try {
                        String found = run.get(SECONDS, TimeUnit.SECONDS);
                        right += found.isEmpty() ? 1 : 0;
                        refused += found.equals("refused") ? 1 : 0;
                        if (!found.isEmpty() && !found.equals("refused")) {
                            bad.add(what + ": " + found);
                        }
                    } catch (TimeoutException e) {
                        bad.add(what + ": does not end");
                        run.cancel(true);
                        one.shutdownNow();
                        one = Executors.newSingleThreadExecutor();
                    }
                }
            }
        }
        one.shutdownNow();
        assertThat(bad).isEmpty();
        assertThat(right).as("distributions").isGreaterThan(1000);
        assertThat(refused).as("refusals").isBetween(1, right / 4);
    }

    private static String outcome(Conditioner method, World world, MethodOptions given) {
        try {
            TableModel policy =
                    method.condition(world.prior, world.reward, given).policy();
            for (String prompt : world.prior.prompts()) {
                Distribution made = policy.given(prompt);
                double sum = 0;
                for (int i = 0; i < made.size(); i++) {
                    double p = made.probability(i);
                    if (Double.isNaN(p) || (p > 0 && world.prior.given(prompt).probability(i) == 0)) {
                        return "probability " + p + " of an outcome of prior "
                                + world.prior.given(prompt).probability(i);
                    }
                    sum += p;
                }
                if (Math.abs(sum - 1) > 1e-9) {
                    return "probabilities add up to " + sum;
                }
            }
            return "";
        } catch (InputException | NoPosteriorException | TrainingDivergedException e) {
            return String.valueOf(e.getMessage()).isBlank() ? "a refusal without words" : "refused";
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage()).contains("Poisson raters need an approval probability")
                    ? "refused"
                    : e.toString();
        } catch (RuntimeException e) {
            return e.toString();
        }
    }
}
