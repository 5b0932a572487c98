package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.experiments.AuthoredTexts.Asked;
import dev.credence.lab.experiments.AuthoredTexts.Got;
import dev.credence.lab.experiments.ExperimentSettings.Amount;
import dev.credence.lab.experiments.Observations.Prompted;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.lab.runs.Listener;
import dev.credence.worlds.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Imitating demonstrators against conditioning a prior that knows them: imitation's limit is the demonstrators' own
 * distribution, so that its mean is their mean and its ceiling their best, while π0(·|population) e^{λr}/Z goes on to the best
 * conceivable one (docs/theory.md, imitation). And how much of what either writes is an AI's.
 */
public final class Imitation implements Experiment {
    private static final double SAME = 1e-9;
    private static final int CURVE = 41;
    private static final String UNDECLARED =
            "the world says nobody to be an AI: it has no population 'ais' and no variable"
                    + " 'author' with a value 'ai' or 'mimic'; name them by the setting ais";

    /** For the service loader. */
    public Imitation() {}

    @Override
    public String name() {
        return "imitation";
    }

    @Override
    public String question() {
        return "How good can imitating demonstrators become, and how good conditioning a model that has read them?";
    }

    @Override
    public List<String> related() {
        return List.of("elicitation", "sft-copies");
    }

    @Override
    public List<KeyFigure> keyFigures(ExperimentSettings settings) {
        return List.of(
                KeyFigure.of("mean reward of imitation", "imitated.mean", "the demonstrators' own mean")
                        .expecting("demonstrated.mean")
                        .onTransformers("transformer.imitated.mean"),
                KeyFigure.of("what conditioning gains over it", "gap", "above 0 for λ > 0; 0 at λ = 0")
                        .onTransformers("transformer.gap"));
    }

    @Override
    public List<ExperimentKey> settings() {
        return List.of(
                ExperimentKey.text("world", "authors", "a Bayesian network: a file, or one that ships"),
                ExperimentKey.text(
                        "population",
                        "humans",
                        "the demonstrators: a population of the world, VARIABLE=VALUE, or a mixture such as"
                                + " 0.9*humans + 0.1*ais"),
                ExperimentKey.text("reward", "quality", "the world's reward by which texts are good"),
                ExperimentKey.number(
                        "lambda",
                        "2",
                        Double.NEGATIVE_INFINITY,
                        Double.POSITIVE_INFINITY,
                        "copies of it as evidence; 0 asks for nothing, inf for the best there is"),
                Demonstrators.ais(),
                ExperimentKey.numbers(
                        "shares", "0,.01,.1,.5", 0, 1, "shares of texts by AIs that are mixed into the demonstrations"),
                ExperimentKey.word(
                        "transformer",
                        List.of("no", "yes"),
                        "whether transformers are trained on the demonstrations too, and on the whole world"),
                ExperimentKey.whole("transformer.seeds", 3, 2, 100, "how many of each, for the intervals"),
                ExperimentKey.whole("transformer.steps", 300, 1, 1_000_000, "steps of 64 texts each"),
                ExperimentKey.whole("transformer.draws", 4000, 1, 10_000_000, "texts that each is trained on"),
                ExperimentKey.seed());
    }

    @Override
    public Map<String, String> standards(Effort effort) {
        Map<String, String> standards = new LinkedHashMap<>();
        if (effort.transformer()) {
            standards.put("transformer", "yes");
        }
        switch (effort.size()) {
            case QUICK -> standards.putAll(Map.of("transformer.seeds", "2", "transformer.steps", "100"));
            case FULL -> standards.put("transformer.seeds", "8");
            case STANDARD -> {}
        }
        return standards;
    }

    /**
     * What is asked of the texts.
     *
     * @param world its name
     * @param population the demonstrators, as the user wrote them
     * @param lambda copies of the reward
     * @param shares of texts by AIs that are mixed in
     * @param training of transformers on the same; null for none
     */
    private record Wanted(
            String world,
            String population,
            double lambda,
            List<Amount> shares,
            ImitatedByTransformers.@Nullable Training training) {
        static Wanted of(ExperimentSettings settings) {
            return new Wanted(
                    settings.text("world"),
                    settings.text("population"),
                    settings.number("lambda"),
                    settings.amounts("shares"),
                    settings.text("transformer").equals("yes") ? ImitatedByTransformers.Training.of(settings) : null);
        }
    }

    /**
     * The world as it is asked about.
     *
     * @param source the network
     * @param demonstrators networks of the population, with shares
     * @param ais who counts as an AI, or null
     */
    private record Setup(
            NetworkInput source,
            Map<Network, Double> demonstrators,
            Demonstrators.@Nullable Authors ais,
            String reward) {
        static Setup of(ExperimentSettings settings) {
            String world = settings.text("world");
            NetworkInput source = NetworkInput.read(world)
                    .orElseThrow(() -> InputException.ofSetting(
                            "world",
                            world,
                            "it must be a Bayesian network: a table of texts does not say who wrote them"));
            Network network = source.network();
            return new Setup(
                    source,
                    Demonstrators.population(network, "population", settings.text("population")),
                    Demonstrators.ais(network, settings),
                    settings.text("reward"));
        }

        @Nullable
        String author() {
            return ais == null ? null : ais.variable();
        }

        AuthoredTexts all() {
            return AuthoredTexts.of(source.network(), source.input(), question());
        }

        AuthoredTexts population() {
            return AuthoredTexts.of(demonstrators, source.input(), question());
        }

        private AuthoredTexts.Question question() {
            return new AuthoredTexts.Question(reward, author(), List.of());
        }

        IntPredicate isAi() {
            Demonstrators.Authors of = ais;
            return of == null ? author -> false : of.values()::contains;
        }
    }

    @Override
    public ExperimentResult run(ExperimentSettings settings, Listener listener) throws IOException {
        Setup setup = Setup.of(settings);
        Wanted wanted = Wanted.of(settings);
        Asked asked = Asked.of(RewardLikelihood.tilt(wanted.lambda));
        AuthoredTexts population = setup.population();
        AuthoredTexts all = setup.all();
        Got demonstrated = population.under(Asked.nothing());
        Got conditioned = wanted.lambda == 0 ? demonstrated : population.under(asked);
        Got unrestricted = all.under(asked);
        OptionalDouble ceiling = all.best(setup.isAi().negate());
        ExperimentResult.Builder result = ExperimentResult.builder();
        result.inputs(List.of(setup.source.input()));
        result.exact("demonstrated.mean", "Mean reward of the demonstrations?", demonstrated.mean(), "reward");
        result.exact("demonstrated.best", "Largest reward a demonstrator gives?", demonstrated.best(), "reward");
        result.exact(
                "imitated.mean", "Mean reward of imitation, in the limit of all data?", demonstrated.mean(), "reward");
        result.exact(
                "imitated.above",
                "Mass of imitation above the best demonstration, in the limit?",
                demonstrated.above(demonstrated.best()),
                "probability");
        prompted(setup, result);
        result.exact(
                "conditioned.mean",
                "Mean reward of the prior among the same people, conditioned on the reward?",
                conditioned.mean(),
                "reward");
        Finding best = exact(
                "conditioned.best",
                "Best conceivable: what any human author gives?",
                ceiling.orElse(Double.NaN),
                "reward");
        result.finding(ceiling.isPresent() ? best : best.withdrawn("every author is an AI"));
        result.exact("conditioned.kl", "How far is that conditional from the population?", conditioned.kl(), "nats");
        result.exact(
                "gap", "What conditioning gains over imitation?", conditioned.mean() - demonstrated.mean(), "reward");
        result.exact(
                "unrestricted.mean",
                "Mean reward of the whole prior conditioned, whoever may have written?",
                unrestricted.mean(),
                "reward");
        Map<String, Got> ways = new LinkedHashMap<>();
        ways.put("imitated", demonstrated);
        ways.put("conditioned", conditioned);
        ways.put("unrestricted", unrestricted);
        ways.forEach(
                (way, got) -> result.finding(ai(setup, "ai." + way, "Probability of an AI author, " + way + "?", got)));
        readers(wanted, setup, result);
        waysTable(setup, ways, result);
        curves(wanted, setup, result);
        rewardsPicture(ways, result);
        mixtures(wanted, setup, asked, result);
        boolean isTrained = wanted.training != null;
        String trained = wanted.training == null
                ? ""
                : new ImitatedByTransformers(
                                setup.source,
                                setup.demonstrators,
                                new ImitatedByTransformers.Judged(setup.reward, wanted.lambda, demonstrated.best()),
                                wanted.training)
                        .readBy(setup.ais, share(wanted))
                        .add(result, listener);
        return result.conclude(
                conclusion(wanted, setup, result),
                trained,
                (isTrained
                                ? "The transformers are small, and their texts short; how a large one generalises from"
                                        + " its demonstrators is not shown."
                                : "Imitation is here its limit, with every demonstration and enough capacity: what a"
                                        + " finite network makes of finitely many, and whether it finds the authors at"
                                        + " all, is not shown by sums over a world.")
                        + " That conditioning elicits the best author presupposes a prior that knows that author.");
    }

    private static Finding ai(Setup setup, String id, String question, Got got) {
        if (setup.ais == null) {
            return exact(id, question, Double.NaN, "probability").withdrawn(UNDECLARED);
        }
        return exact(id, question, got.share(setup.ais.values()), "probability");
    }

    /** The largest share of AI texts that is mixed in and leaves some demonstrations; null where there is none. */
    private static @Nullable String share(Wanted wanted) {
        String most = null;
        double largest = 0;
        for (Amount share : wanted.shares) {
            if (share.value() > largest && share.value() < 1) {
                most = share.text();
                largest = share.value();
            }
        }
        return most;
    }

    /**
     * P(AI) to a reader who knows the whole world and is shown the texts alone, not whom they were collected from: what is believed
     * of a text does not depend on who wrote it, so that imitations too have authors.
     */
    private static void readers(Wanted wanted, Setup setup, ExperimentResult.Builder result) {
        Map<String, Double> read = new LinkedHashMap<>();
        if (setup.ais == null || !setup.source.network().isEnumerable()) {
            return;
        }
        TextReader reader = new TextReader(setup.source, setup.ais);
        TableModel people = reader.texts(setup.demonstrators);
        double lambda = wanted.lambda;
        read.put("imitated", reader.ai(people, setup.reward, 0));
        read.put("conditioned", reader.ai(people, setup.reward, lambda));
        read.put("unrestricted", reader.ai(reader.texts(Map.of(setup.source.network(), 1.0)), setup.reward, lambda));
        String share = share(wanted);
        TableModel mixed = share == null ? null : reader.mixed(people, ExperimentKey.number(share));
        if (mixed != null) {
            double ai = reader.ai(mixed, setup.reward, 0);
            read.put("mixed", ai);
            read.put("added", ai - reader.ai(people, setup.reward, 0));
        }
        read.forEach((way, ai) -> result.exact(
                "read.ai." + way, ImitatedByTransformers.question(way, share) + ", in the limit?", ai, "probability"));
    }

    private static Finding exact(String id, String question, double value, String unit) {
        return new Finding(id, question, value, value, value, Grade.EXACT, unit, null, null);
    }

    /** Every single value that a text shows, and every prompt of the world. */
    private static void prompted(Setup setup, ExperimentResult.Builder result) {
        List<Prompted> all = Observations.of(setup.demonstrators, setup.source.input(), setup.reward, setup.author());
        DataTable.Builder table = DataTable.of(
                "Each value that texts show, observed, each prompt of the world, and both together",
                "prompt",
                "mean reward",
                "states the reward",
                "P(AI)");
        all.forEach(each -> table.row(
                each.name(),
                each.got().mean(),
                each.statesReward() ? "yes" : "no",
                setup.ais == null ? null : each.got().share(setup.ais.values())));
        result.table("prompts", table.build());
        best(
                "prompted.mean",
                "Mean reward given the best single observation, prompt of the world, or both together?",
                all,
                result);
        best(
                "prompted.aside",
                "And behind the best one that the reward does not read, so that it does not state the reward?",
                all.stream().filter(each -> !each.statesReward()).toList(),
                result);
    }

    private static void best(String id, String question, List<Prompted> all, ExperimentResult.Builder result) {
        Prompted best = Observations.best(all);
        result.finding(
                best == null
                        ? exact(id, question, Double.NaN, "reward")
                                .withdrawn(
                                        "the world has no such prompt: no variable that texts show, but those that the"
                                                + " reward reads, has a value that every prompt allows")
                        : exact(
                                id,
                                question + " (" + best.name() + ")",
                                best.got().mean(),
                                "reward"));
    }

    private static void waysTable(Setup setup, Map<String, Got> ways, ExperimentResult.Builder result) {
        DataTable.Builder table =
                DataTable.of("What each way writes", "way", "mean reward", "largest reward", "P(AI)", "KL, nats");
        ways.forEach((way, got) -> table.row(
                way, got.mean(), got.best(), setup.ais == null ? null : got.share(setup.ais.values()), got.kl()));
        result.table("ways", table.build());
    }

    private static void rewardsPicture(Map<String, Got> ways, ExperimentResult.Builder result) {
        TreeSet<Double> rewards = new TreeSet<>();
        ways.values().forEach(got -> rewards.addAll(got.rewards().keySet()));
        DataTable.Builder table =
                DataTable.of("Mass of each reward", "reward", "imitated", "conditioned", "unrestricted");
        rewards.forEach(r ->
                table.row(r, mass(ways, "imitated", r), mass(ways, "conditioned", r), mass(ways, "unrestricted", r)));
        result.table("rewards", table.build());
        if (rewards.size() > 12) {
            return; // bars that nobody could tell apart
        }
        List<Picture.Series> series = new ArrayList<>();
        ways.forEach((way, got) -> series.add(Picture.Series.bars(
                way, rewards.stream().mapToDouble(r -> mass(ways, way, r)).toArray())));
        result.picture(Picture.bars(
                "rewards",
                "What is written, by reward",
                "Imitation has the demonstrators' shares; conditioning moves mass to the best among them.",
                Picture.Axis.linear("probability"),
                rewards.stream().map(FigureFormat::of).toList(),
                series));
    }

    private static double mass(Map<String, Got> ways, String way, double reward) {
        return Objects.requireNonNull(ways.get(way)).rewards().getOrDefault(reward, 0.0);
    }

    /** Demonstrations of which some share is an AI's. */
    private static void mixtures(Wanted wanted, Setup setup, Asked asked, ExperimentResult.Builder result) {
        AuthoredTexts byAis = byAis(setup);
        if (byAis == null || setup.ais == null) {
            String why = setup.ais == null ? UNDECLARED : "no AI writes behind some prompt";
            for (Amount share : wanted.shares) {
                for (String figure : List.of(".mean", ".ai", ".conditioned.mean", ".conditioned.ai")) {
                    result.finding(exact(
                                    "mixed." + share.text() + figure,
                                    "Demonstrations mixed with AI texts?",
                                    Double.NaN,
                                    "")
                            .withdrawn(why));
                }
            }
            return;
        }
        DataTable.Builder table = DataTable.of(
                "Demonstrations of which a share is an AI's",
                "share",
                "imitated: mean",
                "imitated: P(AI)",
                "conditioned: mean",
                "conditioned: P(AI)");
        AuthoredTexts population = setup.population();
        for (Amount share : wanted.shares) {
            AuthoredTexts mixed = mixed(population, byAis, share.value());
            Got imitated = mixed.under(Asked.nothing());
            Got conditioned = mixed.under(asked);
            String id = "mixed." + share.text();
            String mixture = " a mixture with a share of " + share.text() + " by AIs";
            result.exact(id + ".mean", "Mean reward of imitating" + mixture + "?", imitated.mean(), "reward");
            result.finding(ai(setup, id + ".ai", "P(AI) of imitating" + mixture + "?", imitated));
            result.exact(
                    id + ".conditioned.mean",
                    "Mean reward of conditioning" + mixture + "?",
                    conditioned.mean(),
                    "reward");
            result.finding(ai(setup, id + ".conditioned.ai", "P(AI) of conditioning" + mixture + "?", conditioned));
            table.row(
                    share.value(),
                    imitated.mean(),
                    imitated.share(setup.ais.values()),
                    conditioned.mean(),
                    conditioned.share(setup.ais.values()));
        }
        result.table("mixtures", table.build());
        double[] x = grid(0, 1);
        result.picture(Picture.of(
                "mixtures",
                "AI in the demonstrations, AI in what is written",
                "Imitation keeps the share; conditioning on the reward multiplies its odds by how much likelier an AI makes"
                        + " the evidence.",
                Picture.Axis.linear("share of AI texts mixed into the demonstrations"),
                Picture.Axis.linear("P(AI)"),
                List.of(
                        Picture.Series.line(
                                "imitated",
                                x,
                                along(x, s -> mixed(population, byAis, s).under(Asked.nothing()), share(setup))),
                        Picture.Series.line(
                                "conditioned",
                                x,
                                along(x, s -> mixed(population, byAis, s).under(asked), share(setup))))));
    }

    /** What AIs write; null where there are none behind some prompt. */
    private static @Nullable AuthoredTexts byAis(Setup setup) {
        try {
            return setup.ais == null ? null : setup.all().by(setup.isAi());
        } catch (NoPosteriorException none) {
            return null;
        }
    }

    private static AuthoredTexts mixed(AuthoredTexts population, AuthoredTexts byAis, double share) {
        Map<AuthoredTexts, Double> parts = new LinkedHashMap<>();
        if (share < 1) {
            parts.put(population, 1 - share);
        }
        if (share > 0) {
            parts.put(byAis, share);
        }
        return AuthoredTexts.mixed(parts);
    }

    private static ToDoubleFunction<Got> share(Setup setup) {
        Demonstrators.Authors ais = setup.ais;
        return got -> ais == null ? Double.NaN : got.share(ais.values());
    }

    private static double[] grid(double from, double to) {
        double[] x = new double[CURVE];
        Arrays.setAll(x, i -> from + (to - from) * i / (CURVE - 1));
        return x;
    }

    /** What follows at a number. */
    @FunctionalInterface
    private interface At {
        Got at(double x);
    }

    private static double[] along(double[] x, At at, ToDoubleFunction<Got> figure) {
        return Arrays.stream(x).map(each -> figure.applyAsDouble(at.at(each))).toArray();
    }

    /** Mean and P(AI) as the copies grow. */
    private static void curves(Wanted wanted, Setup setup, ExperimentResult.Builder result) {
        double lambda = wanted.lambda;
        double end = lambda == 0 || Double.isInfinite(lambda) ? Math.copySign(4, lambda) : 2 * lambda;
        double[] x = lambda < 0 ? grid(end, 0) : grid(0, end);
        AuthoredTexts population = setup.population();
        AuthoredTexts all = setup.all();
        double[] mean = new double[CURVE];
        Arrays.fill(mean, result.estimate("demonstrated.mean"));
        List<Picture.Series> series = new ArrayList<>(List.of(
                Picture.Series.line("imitated", x, mean),
                Picture.Series.line("conditioned, the population", x, along(x, tilted(population), Got::mean)),
                Picture.Series.line("conditioned, whoever wrote", x, along(x, tilted(all), Got::mean))));
        if (result.stands("conditioned.best")) {
            double[] best = new double[CURVE];
            Arrays.fill(best, result.estimate("conditioned.best"));
            series.add(Picture.Series.line("best conceivable human", x, best));
        }
        result.picture(Picture.of(
                "ceilings",
                "Mean reward as more is asked for",
                "Imitation stays at its demonstrators' mean, whatever is asked; conditioning goes on to the best that someone among"
                        + " those who may have written gives.",
                Picture.Axis.linear("λ, copies of the reward"),
                Picture.Axis.linear("mean reward"),
                series));
        if (setup.ais == null) {
            return;
        }
        result.picture(Picture.of(
                "ais",
                "Who is thought to have written it",
                "Asking the whole prior for more asks for authors who give more.",
                Picture.Axis.linear("λ, copies of the reward"),
                Picture.Axis.linear("P(AI)"),
                List.of(
                        Picture.Series.line("the population", x, along(x, tilted(population), share(setup))),
                        Picture.Series.line("whoever wrote", x, along(x, tilted(all), share(setup))))));
    }

    private static At tilted(AuthoredTexts texts) {
        return lambda -> texts.under(Asked.of(RewardLikelihood.tilt(lambda)));
    }

    private static String conclusion(Wanted wanted, Setup setup, ExperimentResult.Builder result) {
        double gap = result.estimate("gap");
        double best = result.estimate("demonstrated.best");
        double ceiling = result.estimate("conditioned.best");
        String lambda = FigureFormat.of(wanted.lambda);
        String people = wanted.population;
        String imitated = String.format(
                Locale.ROOT,
                "On '%s', whose texts are rewarded by '%s', imitating %s ends at the mean of their demonstrations, %s, and"
                        + " writes nothing above their best, %s.",
                wanted.world,
                setup.reward,
                people,
                FigureFormat.of(result.estimate("imitated.mean")),
                FigureFormat.of(best));
        String conditioned = wanted.lambda == 0
                ? " With λ = 0 nothing is asked for, and conditioning is imitation: the gap is "
                        + FigureFormat.of(gap)
                        + " (exact)."
                : Math.abs(gap) < SAME
                        ? String.format(
                                Locale.ROOT,
                                " Conditioning on λ = %s gains nothing (gap %s, exact): all of their texts have one reward.",
                                lambda,
                                FigureFormat.of(gap))
                        : String.format(
                                Locale.ROOT,
                                " Conditioning the prior among them on λ = %s gives %s: a gap of %s (exact), %s.",
                                lambda,
                                FigureFormat.of(result.estimate("conditioned.mean")),
                                FigureFormat.of(gap),
                                gap > 0
                                        ? "which no number of demonstrations gives to imitation (a gap of 0 would have refuted it)"
                                        : "as less is asked for");
        return imitated + conditioned + ceilings(best, ceiling) + "\n"
                + ais(wanted, setup, result).strip();
    }

    private static String ceilings(double best, double ceiling) {
        if (Double.isNaN(ceiling)) {
            return " Every author of this world is an AI: there is no human ceiling.";
        }
        if (ceiling > best + SAME) {
            return " The prior knows a human who gives " + FigureFormat.of(ceiling) + ", whom no demonstration shows.";
        }
        return ceiling < best - SAME
                ? " No human gives more than " + FigureFormat.of(ceiling)
                        + ": what is above it was demonstrated by an AI."
                : " No human author of the prior gives more than that best, so that the two ceilings are one:"
                        + " conditioning tends to it as λ grows, imitation has it only in its demonstrators' share.";
    }

    private static String ais(Wanted wanted, Setup setup, ExperimentResult.Builder result) {
        if (setup.ais == null) {
            return " Who of the authors is an AI is not known here.";
        }
        String whole = String.format(
                Locale.ROOT,
                " P(AI) is %s under imitation, %s under conditioning among the demonstrators, and %s where the same is asked of"
                        + " the whole prior",
                FigureFormat.of(result.estimate("ai.imitated")),
                FigureFormat.of(result.estimate("ai.conditioned")),
                FigureFormat.of(result.estimate("ai.unrestricted")));
        String most = wanted.shares.get(wanted.shares.size() - 1).text();
        for (Amount share : wanted.shares) {
            most = share.value() > 0 && share.value() < 1 ? share.text() : most;
        }
        if (!result.stands("mixed." + most + ".ai")) {
            return whole + ".";
        }
        return String.format(
                Locale.ROOT,
                "%s; with a share of %s of AI texts among the demonstrations imitation has %s and conditioning %s.",
                whole,
                most,
                FigureFormat.of(result.estimate("mixed." + most + ".ai")),
                FigureFormat.of(result.estimate("mixed." + most + ".conditioned.ai")));
    }
}
