package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.experiments.AuthoredTexts.Among;
import dev.credence.lab.experiments.AuthoredTexts.Asked;
import dev.credence.lab.experiments.AuthoredTexts.Got;
import dev.credence.lab.experiments.ExperimentSettings.Amount;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.lab.runs.Listener;
import dev.credence.worlds.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How much quality can be asked for before the likeliest author of what comes is an AI: quality asked, quality got, and the
 * probability that an AI, or this very model, wrote it, for prompts, return levels, conditioning at λ, and quantilizers; and what
 * it costs to exclude AI authors, −log P(not an AI | what was asked) (docs/theory.md, conditioning on a reward).
 */
public final class Elicitation implements Experiment {
    private static final double ROUNDING = 1e-12; // of a probability at its threshold
    private static final double SNAP = 1e-9; // copies over the whole spread of rewards that are none
    private static final int CURVE = 41;

    /** For the service loader. */
    public Elicitation() {}

    @Override
    public String name() {
        return "elicitation";
    }

    @Override
    public String question() {
        return "How much can be asked of a model before what it writes is likelier an AI's, and how does one ask for just"
                + " enough?";
    }

    @Override
    public List<String> related() {
        return List.of("decision-transformer", "which-conditional");
    }

    @Override
    public List<KeyFigure> keyFigures(ExperimentSettings settings) {
        List<String> lambdas = settings.texts("lambdas");
        String lambda = lambdas.get(lambdas.size() / 2);
        return List.of(
                KeyFigure.of(
                                "quality of RL at λ = " + lambda,
                                "rl." + lambda + ".quality",
                                "E[r e^(λr)]/Z under the prior")
                        .onTransformers("transformer.rl." + lambda + ".quality"),
                KeyFigure.of("P(AI) of RL at λ = " + lambda, "rl." + lambda + ".ai", "grows with λ from the prior's")
                        .expecting("prior.ai")
                        .onTransformers("transformer.rl." + lambda + ".ai"),
                KeyFigure.of("nats for a camera without AIs", "human_camera.cost", "−log P(human)"));
    }

    @Override
    public List<ExperimentKey> settings() {
        List<ExperimentKey> settings = new ArrayList<>(List.of(
                ExperimentKey.text("world", "authors", "a Bayesian network: a file, or one that ships"),
                ExperimentKey.text("reward", "quality", "the world's reward by which texts are good"),
                ExperimentKey.numbers(
                        "levels",
                        "0,1,2,3",
                        -1e300,
                        1e300,
                        "rewards asked for exactly: as returns, and by the prompt that states one, where one observed value does"),
                ExperimentKey.numbers(
                        "lambdas",
                        ".5,1,2,4",
                        Double.NEGATIVE_INFINITY,
                        Double.POSITIVE_INFINITY,
                        "copies of the reward as evidence, 1/β of RL with a KL penalty"),
                ExperimentKey.numbers("q", ".5,.25,.1", 1e-300, 1, "shares of the prior that quantilizers keep"),
                ExperimentKey.number("ai", ".1", 0, 1, "the probability of an AI author that is accepted"),
                Demonstrators.ais(),
                Demonstrators.self()));
        settings.addAll(ElicitedTransformer.settings());
        return settings;
    }

    @Override
    public Map<String, String> standards(Effort effort) {
        return ElicitedTransformer.standards(effort);
    }

    /**
     * What is asked of the texts.
     *
     * @param world its name
     * @param levels rewards asked for exactly
     * @param lambdas copies of the reward
     * @param shares of the prior that quantilizers keep
     * @param accepted probability of an AI author
     * @param training of transformers that are asked too; null for none
     */
    record Wanted(
            String world,
            List<Amount> levels,
            List<Amount> lambdas,
            List<Amount> shares,
            double accepted,
            ElicitedTransformer.@Nullable Training training) {
        static Wanted of(ExperimentSettings settings) {
            return new Wanted(
                    settings.text("world"),
                    settings.amounts("levels"),
                    settings.amounts("lambdas"),
                    settings.amounts("q"),
                    settings.number("ai"),
                    settings.text("transformer").equals("yes") ? ElicitedTransformer.Training.of(settings) : null);
        }
    }

    /**
     * One way of asking.
     *
     * @param method its name
     * @param asked how much, as the user wrote it
     * @param value the same for tables: a number, or a text
     * @param texts which texts it is asked of
     * @param evidence what it makes of them
     */
    record Way(String method, String asked, Object value, Supplier<AuthoredTexts> texts, Asked evidence) {
        String id() {
            return method + "." + asked;
        }
    }

    /**
     * What came of it.
     *
     * @param way of asking
     * @param got by it; null where it was never seen
     * @param human the same once AI authors are excluded; null where no human gives it
     * @param why nothing came of it; empty where something did
     */
    record Row(Way way, @Nullable Got got, @Nullable Among human, String why) {}

    /**
     * The world as it is asked about.
     *
     * @param source the network
     * @param ais who counts as an AI
     * @param self who is this model; null for none
     * @param reward as the user typed it
     * @param writer of the texts; null for the world itself
     */
    record Setup(
            NetworkInput source,
            Demonstrators.Authors ais,
            Demonstrators.@Nullable Authors self,
            String reward,
            AuthoredTexts.@Nullable Writer writer) {
        static Setup of(ExperimentSettings settings) {
            String world = settings.text("world");
            NetworkInput source = NetworkInput.read(world)
                    .orElseThrow(() -> InputException.ofSetting(
                            "world",
                            world,
                            "it must be a Bayesian network: a table of texts does not say who wrote them"));
            Demonstrators.Authors ais = Demonstrators.ais(source.network(), settings);
            if (ais == null) {
                throw InputException.ofSetting(
                        "ais",
                        "missing",
                        "the world '" + world + "' says nobody to be an AI: it has no population 'ais' and no variable"
                                + " 'author' with a value 'ai' or 'mimic'; name who counts as one by VARIABLE=VALUE");
            }
            Demonstrators.Authors self = Demonstrators.self(source.network(), settings);
            if (self != null && !self.variable().equals(ais.variable())) {
                throw InputException.ofSetting(
                        "self",
                        settings.text("self"),
                        "it must be a value of '" + ais.variable() + "', as the AIs are");
            }
            return new Setup(source, ais, self, settings.text("reward"), null);
        }

        /** The same texts as another writes them. */
        Setup writtenBy(AuthoredTexts.Writer other) {
            return new Setup(source, ais, self, reward, other);
        }

        AuthoredTexts texts(List<String> observed) {
            return AuthoredTexts.of(
                    source.network(),
                    source.input(),
                    new AuthoredTexts.Question(reward, ais.variable(), observed),
                    writer);
        }

        double ai(Got got) {
            return got.share(ais.values());
        }

        boolean isHuman(int author) {
            return !ais.values().contains(author);
        }
    }

    @Override
    public ExperimentResult run(ExperimentSettings settings, Listener listener) {
        Setup setup = Setup.of(settings);
        Wanted wanted = Wanted.of(settings);
        AuthoredTexts all = setup.texts(List.of());
        ExperimentResult.Builder result = ExperimentResult.builder();
        result.inputs(List.of(setup.source.input()));
        Got prior = all.under(Asked.nothing());
        result.exact("prior.quality", "Mean reward where nothing is asked?", prior.mean(), "reward");
        result.exact(
                "prior.ai",
                "Probability of an AI author where nothing is asked?",
                prior.share(setup.ais.values()),
                "probability");
        List<Row> rows = new ArrayList<>();
        for (Way way : ways(wanted, setup, all)) {
            Row row = row(setup, way);
            rows.add(row);
            figures(setup, row, result);
        }
        frontier(setup, rows, result);
        enough(wanted, setup, rows, result);
        justEnough(wanted, setup, all, result);
        camera(setup, all, rows, result);
        pictures(wanted, setup, all, rows, result);
        String trained = wanted.training == null
                ? ""
                : new ElicitedTransformer(wanted, wanted.training, setup).add(prior, rows, result, listener);
        return result.conclude(
                conclusion(wanted, setup, rows, result),
                trained,
                (trained.isEmpty()
                                ? "Who writes what is this world's own: how much of a real model's belief about authors moves"
                                        + " with the quality that is asked for is not measured here"
                                : "Who writes what is this world's own, and so is the reader who judges the small"
                                        + " transformers' texts: what a large model believes of authors is not measured")
                        + ", nor whether an AI's text does harm. A camera that sees humans alone is assumed to be had for its"
                        + " price in nats.");
    }

    /** Every way of asking, of texts that the setup's writer writes. */
    static List<Way> ways(Wanted wanted, Setup setup, AuthoredTexts all) {
        List<Way> ways = new ArrayList<>(prompts(wanted, setup, all));
        wanted.levels.forEach(level -> ways.add(weighed("level", level, all, RewardLikelihood.level(level.value()))));
        wanted.lambdas.forEach(lambda -> ways.add(weighed("rl", lambda, all, RewardLikelihood.tilt(lambda.value()))));
        wanted.shares.forEach(q -> ways.add(weighed("quantilizer", q, all, RewardLikelihood.topQuantile(q.value()))));
        return ways;
    }

    private static Way weighed(String method, Amount asked, AuthoredTexts all, RewardLikelihood likelihood) {
        return new Way(method, asked.text(), asked.value(), () -> all, Asked.of(likelihood));
    }

    /** The levels that one observed value states, every other single value that texts show, and the world's prompts. */
    private static List<Way> prompts(Wanted wanted, Setup setup, AuthoredTexts all) {
        Network network = setup.source.network();
        Map<String, String> observations = Observations.observations(network);
        List<Way> ways = new ArrayList<>();
        Set<String> taken = new LinkedHashSet<>();
        for (Amount level : wanted.levels) {
            String states = stating(setup, observations, level.value());
            ways.add(
                    states == null
                            ? unstated(setup, level.text())
                            : observed(setup, level.text(), level.value(), states));
            taken.add(level.text());
        }
        observations.forEach((observation, variable) -> {
            if (!network.variablesOf(setup.reward).equals(List.of(variable))) {
                ways.add(observed(setup, observation, observation, observation));
            }
        });
        if (all.prompts().size() > 1) {
            for (AuthoredTexts.Prompt prompt : all.prompts()) {
                String name = taken.contains(prompt.name()) ? "prompt=" + prompt.name() : prompt.name();
                ways.add(new Way("prompt", name, name, () -> all.of(prompt), Asked.nothing()));
            }
        }
        return ways;
    }

    private static Way unstated(Setup setup, String level) {
        String why = setup.source.network().variablesOf(setup.reward).size() == 1
                ? "never seen"
                : "no single value that a text shows states this reward";
        return new Way(
                "prompt",
                level,
                ExperimentKey.number(level),
                () -> {
                    throw new NoPosteriorException(why);
                },
                Asked.nothing());
    }

    private static Way observed(Setup setup, String asked, Object value, String observation) {
        return new Way("prompt", asked, value, () -> setup.texts(List.of(observation)), Asked.observed());
    }

    /** The only value of the only variable the reward reads that has this reward; null where there is none such. */
    private static @Nullable String stating(Setup setup, Map<String, String> observations, double level) {
        List<String> reads = setup.source.network().variablesOf(setup.reward);
        String found = null;
        for (Map.Entry<String, String> entry : observations.entrySet()) {
            if (reads.equals(List.of(entry.getValue()))) {
                Got got;
                try {
                    got = setup.texts(List.of(entry.getKey())).under(Asked.observed());
                } catch (NoPosteriorException never) {
                    continue;
                }
                if (got.rewards().keySet().equals(Set.of(level))) {
                    if (found != null) {
                        return null; // two values have it, and neither says the level alone
                    }
                    found = entry.getKey();
                }
            }
        }
        return found;
    }

    /** What a way comes to. */
    static Row row(Setup setup, Way way) {
        AuthoredTexts texts;
        Got got;
        try {
            texts = way.texts.get();
            got = texts.under(way.evidence);
        } catch (NoPosteriorException never) {
            return new Row(way, null, null, String.valueOf(never.getMessage()));
        }
        try {
            return new Row(way, got, texts.under(way.evidence, setup::isHuman), "");
        } catch (NoPosteriorException none) {
            return new Row(way, got, null, "");
        }
    }

    private static Finding figure(String id, String question, double value, String unit) {
        return new Finding(id, question, value, value, value, Grade.EXACT, unit, null, null);
    }

    private static void figures(Setup setup, Row row, ExperimentResult.Builder result) {
        String id = row.way.id();
        Got got = row.got;
        Finding quality = figure(
                id + ".quality",
                "Mean reward got by " + words(row.way) + "?",
                got == null ? Double.NaN : got.mean(),
                "reward");
        Finding ai = figure(
                id + ".ai",
                "Probability that an AI wrote what is got by " + words(row.way) + "?",
                got == null ? Double.NaN : got.share(setup.ais.values()),
                "probability");
        result.finding(got == null ? quality.withdrawn(row.why) : quality);
        result.finding(got == null ? ai.withdrawn(row.why) : ai);
    }

    static @Nullable Double self(Setup setup, Got got) {
        return setup.self == null ? null : got.share(setup.self.values());
    }

    private static void frontier(Setup setup, List<Row> rows, ExperimentResult.Builder result) {
        DataTable.Builder table = DataTable.of(
                "Quality asked, quality got, and who wrote it", "method", "asked", "quality", "p_ai", "p_self", "kl");
        for (Row row : rows) {
            Got got = row.got;
            if (got == null) {
                table.row(row.way.method, row.way.value, null, null, null, null);
            } else {
                table.row(
                        row.way.method,
                        row.way.value,
                        got.mean(),
                        got.share(setup.ais.values()),
                        self(setup, got),
                        got.kl());
            }
        }
        result.table("frontier", table.build());
    }

    /** The best row whose probability of an AI is accepted; of equal ones the one with the smaller probability. */
    private static void enough(Wanted wanted, Setup setup, List<Row> rows, ExperimentResult.Builder result) {
        Row best = bestAccepted(wanted, setup, rows);
        if (best == null) {
            result.finding(
                    figure("enough", "Largest quality whose probability of an AI is accepted?", Double.NaN, "reward")
                            .withdrawn("every way asked here has a probability of an AI above "
                                    + FigureFormat.inWords(wanted.accepted)));
            return;
        }
        Got got = Objects.requireNonNull(best.got);
        result.exact(
                "enough",
                "Largest quality whose probability of an AI is accepted? (" + best.way.method + " " + best.way.asked
                        + ")",
                got.mean(),
                "reward");
        result.table(
                "enough",
                DataTable.of("Just enough", "method", "asked", "quality", "p_ai", "kl")
                        .row(best.way.method, best.way.value, got.mean(), got.share(setup.ais.values()), got.kl())
                        .build());
    }

    private static @Nullable Row bestAccepted(Wanted wanted, Setup setup, List<Row> rows) {
        Row best = null;
        for (Row row : rows) {
            Got got = row.got;
            if (got != null
                    && got.share(setup.ais.values()) <= wanted.accepted + ROUNDING
                    && (best == null || isBetter(setup, got, Objects.requireNonNull(best.got)))) {
                best = row;
            }
        }
        return best;
    }

    private static boolean isBetter(Setup setup, Got one, Got other) {
        return one.mean() > other.mean() + ROUNDING
                || (one.mean() > other.mean() - ROUNDING
                        && one.share(setup.ais.values()) < other.share(setup.ais.values()) - ROUNDING);
    }

    /**
     * Where P(AI) meets what is accepted, along λ from 0.
     *
     * @param lambda copies there; infinite where more are accepted without end, not a number where none are
     * @param quality mean reward there
     * @param falls whether the prior has more than is accepted, so that it is met from above
     */
    record Enough(double lambda, double quality, boolean falls) {}

    /** Along λ from 0: the first at which an accepted probability of an AI is so no longer, or else the first at which it is. */
    static Enough enough(Setup setup, AuthoredTexts all, double accepted) {
        boolean falls = setup.ai(tilted(all, 0)) > accepted + ROUNDING;
        double scale = 1 / Math.max(1e-300, spread(all));
        double before = 0;
        double after = Double.NaN;
        for (int i = 0; i <= CURVE && Double.isNaN(after); i++) {
            double t = i / (double) CURVE;
            double at = i == CURVE ? Double.POSITIVE_INFINITY : scale * t / (1 - t) * 4;
            if (setup.ai(tilted(all, at)) <= accepted + ROUNDING == falls) {
                after = at;
            } else {
                before = at;
            }
        }
        if (Double.isNaN(after)) {
            double end = falls ? Double.NaN : Double.POSITIVE_INFINITY;
            return new Enough(end, falls ? Double.NaN : tilted(all, end).mean(), falls);
        }
        double met = root(setup, all, accepted, before, Double.isInfinite(after) ? 1e9 * scale : after, falls);
        return new Enough(met, tilted(all, met).mean(), falls);
    }

    private static void justEnough(Wanted wanted, Setup setup, AuthoredTexts all, ExperimentResult.Builder result) {
        Enough enough = enough(setup, all, wanted.accepted);
        String question = enough.falls
                ? "Copies at which P(AI) falls to what is accepted?"
                : "Copies at which P(AI) reaches what is accepted?";
        Finding lambda = figure("enough.lambda", question, enough.lambda, "copies");
        Finding quality =
                figure("enough.rl", "Mean reward of conditioning with as many copies?", enough.quality, "reward");
        boolean isThere = !Double.isNaN(enough.lambda);
        String why =
                "the prior itself has a probability of an AI above what is accepted, and no λ above 0 brings it down";
        result.finding(isThere ? lambda : lambda.withdrawn(why));
        result.finding(isThere ? quality : quality.withdrawn(why));
    }

    private static double root(
            Setup setup, AuthoredTexts all, double accepted, double below, double above, boolean falls) {
        double low = below;
        double high = above;
        for (int i = 0; i < 200 && high - low > 1e-15 * high; i++) {
            double middle = (low + high) / 2;
            if (setup.ai(tilted(all, middle)) <= accepted != falls) {
                low = middle;
            } else {
                high = middle;
            }
        }
        double met = falls ? high : low;
        return met * spread(all) < SNAP ? 0 : met;
    }

    private static double spread(AuthoredTexts all) {
        double[] rewards = all.under(Asked.nothing()).rewards().keySet().stream()
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        return rewards.length < 2 ? 1 : rewards[rewards.length - 1] - rewards[0];
    }

    private static Got tilted(AuthoredTexts all, double lambda) {
        return all.under(Asked.of(RewardLikelihood.tilt(lambda)));
    }

    /** AI authors excluded: for nothing asked, and for everything that was. */
    private static void camera(Setup setup, AuthoredTexts all, List<Row> rows, ExperimentResult.Builder result) {
        try {
            Among human = all.under(Asked.nothing(), setup::isHuman);
            result.exact(
                    "human_camera.quality",
                    "Mean reward once AI authors are excluded, nothing else asked?",
                    human.got().mean(),
                    "reward");
            result.exact(
                    "human_camera.cost", "What excluding AI authors costs, −log P(not an AI)?", human.cost(), "nats");
        } catch (NoPosteriorException none) {
            String why = "every author is an AI behind some prompt";
            result.finding(
                    figure("human_camera.quality", "Mean reward once AI authors are excluded?", Double.NaN, "reward")
                            .withdrawn(why));
            result.finding(figure("human_camera.cost", "What excluding AI authors costs?", Double.NaN, "nats")
                    .withdrawn(why));
        }
        DataTable.Builder table = DataTable.of(
                "The same asked of a camera that sees no AI",
                "method",
                "asked",
                "quality",
                "quality, no AI",
                "cost, nats");
        for (Row row : rows) {
            Got got = row.got;
            if (got == null) {
                continue;
            }
            Among human = row.human;
            table.row(
                    row.way.method,
                    row.way.value,
                    got.mean(),
                    human == null ? null : human.got().mean(),
                    human == null ? Double.POSITIVE_INFINITY : human.cost());
        }
        result.table("human_camera", table.build());
    }

    private static void pictures(
            Wanted wanted, Setup setup, AuthoredTexts all, List<Row> rows, ExperimentResult.Builder result) {
        double scale = 1 / spread(all);
        double[] rlX = new double[CURVE];
        double[] rlY = new double[CURVE];
        double[] topX = new double[CURVE];
        double[] topY = new double[CURVE];
        for (int i = 0; i < CURVE; i++) {
            double t = i / (double) CURVE;
            Got rl = tilted(all, i == CURVE - 1 ? Double.POSITIVE_INFINITY : scale * t / (1 - t) * 4);
            Got top = all.under(Asked.of(RewardLikelihood.topQuantile(Math.pow(1e-3, t))));
            rlX[i] = rl.mean();
            rlY[i] = rl.share(setup.ais.values());
            topX[i] = top.mean();
            topY[i] = top.share(setup.ais.values());
        }
        List<Picture.Series> series = new ArrayList<>();
        series.add(Picture.Series.line("conditioning, any λ ≥ 0", rlX, rlY));
        series.add(Picture.Series.line("quantilizers, any q", topX, topY));
        Map<String, List<Got>> points = new LinkedHashMap<>();
        for (Row row : rows) {
            Got got = row.got;
            if (got != null) {
                points.computeIfAbsent(row.way.method, none -> new ArrayList<>())
                        .add(got);
            }
        }
        for (String method : List.of("level", "prompt")) {
            List<Got> got = points.getOrDefault(method, List.of());
            series.add(Picture.Series.points(
                    names(method),
                    got.stream().mapToDouble(Got::mean).toArray(),
                    got.stream()
                            .mapToDouble(each -> each.share(setup.ais.values()))
                            .toArray()));
        }
        double accepted = wanted.accepted;
        double[] ends = {
            IntStream.range(0, CURVE).mapToDouble(i -> rlX[i]).min().orElse(0),
            IntStream.range(0, CURVE).mapToDouble(i -> rlX[i]).max().orElse(1)
        };
        series.add(Picture.Series.line("accepted", ends, new double[] {accepted, accepted}));
        result.picture(Picture.of(
                "frontier",
                "Quality got, and who wrote it",
                "Below the line an AI is improbable enough; at equal quality a lower curve is the better way of asking. A prompt is one"
                        + " value that the text shows, observed: where it states the reward it is that return level.",
                Picture.Axis.linear("mean reward got"),
                Picture.Axis.linear("P(AI)"),
                series));
        cost(rows, result);
    }

    private static void cost(List<Row> rows, ExperimentResult.Builder result) {
        List<Picture.Series> series = new ArrayList<>();
        for (String method : List.of("prompt", "level", "rl", "quantilizer")) {
            List<Among> human = rows.stream()
                    .filter(row -> row.way.method.equals(method))
                    .map(Row::human)
                    .filter(Objects::nonNull)
                    .toList();
            if (!human.isEmpty()) {
                series.add(Picture.Series.points(
                        names(method),
                        human.stream().mapToDouble(each -> each.got().mean()).toArray(),
                        human.stream().mapToDouble(Among::cost).toArray()));
            }
        }
        if (!series.isEmpty()) {
            result.picture(Picture.of(
                    "human_camera",
                    "What it costs to see humans alone",
                    "−log P(not an AI | what is asked): the more is asked, the more of it would have come from AIs.",
                    Picture.Axis.linear("mean reward got, no AI"),
                    Picture.Axis.linear("cost, nats"),
                    series));
        }
    }

    private static String conclusion(Wanted wanted, Setup setup, List<Row> rows, ExperimentResult.Builder result) {
        double prior = result.estimate("prior.ai");
        double[] shares = rows.stream()
                .map(Row::got)
                .filter(Objects::nonNull)
                .mapToDouble(setup::ai)
                .toArray();
        double most = Arrays.stream(shares).max().orElse(prior);
        double least = Arrays.stream(shares).min().orElse(prior);
        String accepted = FigureFormat.of(wanted.accepted);
        String world = String.format(
                Locale.ROOT,
                "On '%s', whose texts an AI writes with prior probability %s at a mean %s of %s: ",
                wanted.world,
                FigureFormat.of(prior),
                setup.reward,
                FigureFormat.of(result.estimate("prior.quality")));
        if (shares.length == 0) {
            return world + "nothing that was asked for was ever seen, and no way of asking remains to compare.";
        }
        if (most - least < 1e-9 && Math.abs(most - prior) < 1e-9) {
            return world
                    + "however it is asked, an AI wrote it with that probability (exact): here quality says nothing of the"
                    + " author, and asking for more does not ask for an AI.";
        }
        Row top = highest(rows);
        Got got = Objects.requireNonNull(top.got);
        Row enough = bestAccepted(wanted, setup, rows);
        String asked = String.format(
                Locale.ROOT,
                "%sthe most that is got, %s, comes by %s, and an AI wrote it with probability %s (exact): %s.",
                world,
                FigureFormat.of(got.mean()),
                words(top.way),
                FigureFormat.of(setup.ai(got)),
                setup.ai(got) > prior + ROUNDING
                        ? "asking for more asks for an AI, which a P(AI) no higher than the prior's would have refuted"
                        : setup.ai(got) < prior - ROUNDING
                                ? "asking for more asks for somebody else than an AI"
                                : "asking for that much does not ask for an AI");
        String just = enough == null
                ? String.format(
                        Locale.ROOT, " No way of asking keeps the probability of an AI at %s or less.", accepted)
                : String.format(
                        Locale.ROOT,
                        " Where %s is accepted, just enough comes by %s: it gives %s%s, and an AI wrote it with probability %s.",
                        accepted,
                        words(enough.way),
                        FigureFormat.of(Objects.requireNonNull(enough.got).mean()),
                        enough.got.mean() > result.estimate("prior.quality") + 1e-9
                                ? ""
                                : ", no more than where nothing is asked",
                        FigureFormat.of(enough.got.share(setup.ais.values())));
        String copies = !result.stands("enough.lambda")
                ? ""
                : Double.isInfinite(result.estimate("enough.lambda"))
                        ? " No number of copies brings P(AI) above it."
                        : String.format(
                                Locale.ROOT,
                                " Along λ P(AI) %s at λ = %s, where the mean is %s.",
                                prior > wanted.accepted + ROUNDING ? "falls to it" : "reaches it",
                                FigureFormat.of(result.estimate("enough.lambda")),
                                FigureFormat.of(result.estimate("enough.rl")));
        Among human = top.human;
        String camera = human == null
                ? " No human ever gives the most that was got: a camera that excludes AIs never shows it."
                : String.format(
                        Locale.ROOT,
                        " Asked of a camera that excludes AIs, the way that gives most gives %s and costs %s nats more%s.",
                        FigureFormat.of(human.got().mean()),
                        FigureFormat.of(human.cost()),
                        result.stands("human_camera.cost")
                                ? ", against "
                                        + FigureFormat.of(result.estimate("human_camera.cost"))
                                        + " where nothing is asked"
                                : "");
        return asked + just + copies + camera;
    }

    private static Row highest(List<Row> rows) {
        Row best = null;
        for (Row row : rows) {
            Got got = row.got;
            if (got != null
                    && (best == null
                            || got.mean() > Objects.requireNonNull(best.got).mean() + ROUNDING)) {
                best = row;
            }
        }
        return Objects.requireNonNull(best);
    }

    private static String names(String method) {
        return switch (method) {
            case "level" -> "return levels";
            case "rl" -> "conditioning at λ";
            case "quantilizer" -> "quantilizers";
            default -> "prompts";
        };
    }

    private static String words(Way way) {
        return switch (way.method) {
            case "level" -> "asking for the return " + way.asked;
            case "rl" -> "conditioning at λ = " + way.asked;
            case "quantilizer" -> "the quantilizer of q = " + way.asked;
            default ->
                way.value instanceof Double
                        ? "the prompt that states the reward " + way.asked
                        : "the prompt " + way.asked;
        };
    }
}
