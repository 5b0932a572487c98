package dev.credence.lab.experiments;

import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.model.Continuation;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Listener;
import dev.credence.torch.Transformer;
import dev.credence.torch.training.TransformerPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Iterated distillation on the world {@code questions}: each round answers by asking the model of the round before, and the next
 * model learns these answers. On tables without loss, on tables that count finitely many answers, and on transformers that go on
 * learning drawn ones; held against the exact fixed point round by round.
 */
final class IteratedDistillation {
    private static final int ASKED = 3; // tokens: bits are 1 and 2, a question mark
    private static final int NO = 4;
    private static final int YES = 5;
    private static final SmallTransformer.Size SIZE = new SmallTransformer.Size(6, 6, 2, 32, 2);
    private static final List<Continuation> ANSWERS = answers();
    private static final int TABLES = 20; // seeds of the tables that count

    private final ExperimentSettings settings;
    private final Questions questions;
    private final int rounds;

    IteratedDistillation(ExperimentSettings settings) {
        this.settings = settings;
        this.rounds = settings.count("distil.rounds");
        int copies = settings.count("distil.copies");
        if (copies % 2 == 0) {
            throw InputException.ofSetting(
                    "distil.copies", settings.text("distil.copies"), "it must be odd, so that there is a majority");
        }
        this.questions = Questions.of(copies);
    }

    static List<ExperimentKey> settings() {
        return List.of(
                ExperimentKey.whole(
                        "distil.rounds", 4, 1, 50, "rounds of iterated distillation on the world questions"),
                ExperimentKey.whole(
                        "distil.copies", 1, 1, 99, "copies who each answer in parts, of whom the majority counts; odd"),
                ExperimentKey.whole(
                        "distil.answers",
                        1000,
                        1,
                        10_000_000,
                        "answers of each round that a table counts, or a transformer learns"),
                ExperimentKey.word(
                        "transformer",
                        List.of("no", "yes"),
                        "whether transformers are distilled round by round besides"),
                ExperimentKey.whole("transformer.seeds", 3, 2, 100, "how many chains of them, for the intervals"),
                ExperimentKey.whole(
                        "transformer.steps",
                        500,
                        1,
                        1_000_000,
                        "steps of each round's training, all drawn answers at each"),
                ExperimentKey.number("transformer.lr", "0.01", 1e-9, 1, "the highest learning rate of it"));
    }

    static Map<String, String> standards(Effort effort) {
        Map<String, String> standards = new LinkedHashMap<>();
        if (effort.transformer()) {
            standards.put("transformer", "yes");
        }
        switch (effort.size()) {
            case QUICK ->
                standards.putAll(Map.of("transformer.seeds", "2", "transformer.steps", "250", "distil.rounds", "3"));
            case FULL -> standards.putAll(Map.of("transformer.seeds", "8", "transformer.steps", "1500"));
            case STANDARD -> {}
        }
        return standards;
    }

    /** Adds figures, table and picture; what comes of it in a sentence. */
    String add(ExperimentResult.Builder result, Listener listener) {
        double[] limit = questions.fixedPoint();
        List<double[]> exact = questions.rounds(rounds);
        double[][] counted = counted(limit);
        List<List<double[]>> trained = settings.text("transformer").equals("yes") ? trained(listener) : List.of();
        result.exact(
                "distilled.limit",
                "Share of whole questions that the fixed point of amplification answers rightly?",
                Questions.right(limit),
                "share");
        DataTable.Builder table = DataTable.of(
                "Iterated distillation on the world 'questions', round by round",
                "round",
                "right, exact",
                "error, exact",
                "error, counted answers",
                "right, transformer",
                "error, transformer",
                "from",
                "to");
        double[] x = new double[rounds + 1];
        double[] errors = new double[rounds + 1];
        List<SeedInterval> transformer = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            int at = round;
            double[] model = exact.get(round);
            x[round] = round;
            errors[round] = Questions.error(model, limit);
            String after = "after " + round + " rounds of distillation";
            result.exact(
                    "distilled." + round + ".right",
                    "Share of whole questions answered rightly " + after + "?",
                    Questions.right(model),
                    "share");
            result.exact(
                    "distilled." + round + ".error",
                    "Total variation from the fixed point's answers " + after + "?",
                    errors[round],
                    "probability");
            SeedInterval counts = SeedInterval.within(counted[round], 0, 1);
            result.estimated(
                    "distilled." + round + ".counted.error",
                    "The same on tables that count " + settings.text("distil.answers") + " answers a round?",
                    counts,
                    "probability");
            if (trained.isEmpty()) {
                table.row(round, Questions.right(model), errors[round], counts.mean(), null, null, null, null);
                continue;
            }
            SeedInterval right = over(trained, chain -> Questions.right(chain.get(at)));
            SeedInterval error = over(trained, chain -> Questions.error(chain.get(at), limit));
            result.estimated(
                    "transformer." + round + ".right",
                    "Share of whole questions that a transformer answers rightly " + after + "?",
                    right,
                    "share");
            result.estimated(
                    "transformer." + round + ".error",
                    "Total variation of a transformer's answers from the fixed point's " + after + "?",
                    error,
                    "probability");
            transformer.add(error);
            table.row(
                    round,
                    Questions.right(model),
                    errors[round],
                    counts.mean(),
                    right.mean(),
                    error.mean(),
                    error.lower(),
                    error.upper());
        }
        result.table("distilled", table.build());
        result.picture(picture(x, errors, counted, transformer, !trained.isEmpty()));
        return words(result, !trained.isEmpty());
    }

    private interface Figure {
        double of(List<double[]> chain);
    }

    private static SeedInterval over(List<List<double[]>> chains, Figure figure) {
        return SeedInterval.within(chains.stream().mapToDouble(figure::of).toArray(), 0, 1);
    }

    /** Errors (rounds + 1)(seeds) of tables that count answers, the early guess too. */
    private double[][] counted(double[] limit) {
        double[][] errors = new double[rounds + 1][TABLES];
        for (int s = 0; s < TABLES; s++) {
            SplittableRandom random = new SplittableRandom(settings.whole("seed") * 7919 + s);
            double[] model = counted(questions.early(), random);
            errors[0][s] = Questions.error(model, limit);
            for (int round = 1; round <= rounds; round++) {
                model = counted(questions.amplified(model), random);
                errors[round][s] = Questions.error(model, limit);
            }
        }
        return errors;
    }

    /** Shares of 1 among so many answers to questions drawn alike; a half where a question was never asked. */
    private double[] counted(double[] answers, SplittableRandom random) {
        double[] asked = new double[Questions.COUNT];
        double[] ones = new double[Questions.COUNT];
        for (int i = 0; i < settings.count("distil.answers"); i++) {
            int question = question(random);
            asked[question]++;
            ones[question] += random.nextDouble() < answers[question] ? 1 : 0;
        }
        double[] model = new double[Questions.COUNT];
        Arrays.setAll(model, q -> asked[q] == 0 ? 0.5 : ones[q] / asked[q]);
        return model;
    }

    /** One of two bits as often as one of three. */
    private static int question(SplittableRandom random) {
        return random.nextBoolean()
                ? random.nextInt(Questions.PAIRS)
                : Questions.PAIRS + random.nextInt(Questions.COUNT - Questions.PAIRS);
    }

    /** Chains of (rounds + 1) models' answers. */
    private List<List<double[]>> trained(Listener listener) {
        int seeds = settings.count("transformer.seeds");
        List<List<double[]>> chains = new ArrayList<>();
        Remaining remaining = new Remaining(seeds, listener, System::nanoTime);
        for (int s = 0; s < seeds; s++) {
            long seed = settings.whole("seed") * 7919 + s;
            double[] part = listener.part(
                    "distilled-" + s,
                    () -> chain(seed, listener).stream()
                            .flatMapToDouble(Arrays::stream)
                            .toArray());
            List<double[]> chain = new ArrayList<>();
            for (int round = 0; round <= rounds; round++) {
                chain.add(Arrays.copyOfRange(part, round * Questions.COUNT, (round + 1) * Questions.COUNT));
            }
            chains.add(chain);
            remaining.did(1, "chains of transformers that are distilled");
        }
        return chains;
    }

    /** One model that learns each round's drawn answers in turn, the early ones first; what it answers after each. */
    private List<double[]> chain(long seed, Listener listener) {
        int steps = settings.count("transformer.steps");
        double rate = settings.number("transformer.lr");
        SplittableRandom random = new SplittableRandom(seed);
        List<double[]> chain = new ArrayList<>();
        try (SmallTransformer early = SmallTransformer.trainedOn(
                        SIZE,
                        new SmallTransformer.Training(steps, 1, rate),
                        ANSWERS,
                        drawn(questions.early(), random),
                        seed,
                        listener);
                TransformerPolicy next = early.copy(Optimiser.adamW(LearningRate.constant(rate / 4)))) {
            chain.add(said(early.model()));
            for (int round = 1; round <= rounds; round++) {
                double[] weights = drawn(questions.amplified(chain.get(round - 1)), random);
                for (int step = 0; step < steps; step++) {
                    if (listener.isStopped()) {
                        throw new InterruptedRunException(
                                "a transformer was being distilled, of which nothing is kept");
                    }
                    SmallTransformer.learn(next, ANSWERS, weights);
                }
                chain.add(said(next.transformer()));
            }
        }
        return chain;
    }

    /** Shares of drawn answers: of each question those of no, then those of yes. */
    private double[] drawn(double[] answers, SplittableRandom random) {
        double[] weights = new double[2 * Questions.COUNT];
        int drawn = settings.count("distil.answers");
        for (int i = 0; i < drawn; i++) {
            int question = question(random);
            weights[2 * question + (random.nextDouble() < answers[question] ? 1 : 0)] += 1.0 / drawn;
        }
        return weights;
    }

    private static List<Continuation> answers() {
        List<Continuation> all = new ArrayList<>();
        for (int i = 0; i < 2 * Questions.COUNT; i++) {
            all.add(new Continuation(given(i / 2), new int[] {i % 2 == 1 ? YES : NO}));
        }
        return all;
    }

    private static int[] given(int question) {
        List<Integer> bits = Questions.bits(question);
        int[] tokens = new int[bits.size() + 2];
        for (int i = 0; i < bits.size(); i++) {
            tokens[i + 1] = 1 + bits.get(i);
        }
        tokens[tokens.length - 1] = ASKED;
        return tokens;
    }

    private static double[] said(Transformer model) {
        double[] said = new double[Questions.COUNT];
        for (int q = 0; q < said.length; q++) {
            double[] next = model.nextLogProbs(List.of(given(q)))[0];
            said[q] = 1 / (1 + Math.exp(next[NO] - next[YES]));
        }
        return said;
    }

    private static Picture picture(
            double[] x, double[] exact, double[][] counted, List<SeedInterval> transformer, boolean isTrained) {
        List<Picture.Series> series = new ArrayList<>(List.of(
                Picture.Series.line("tables, exact", x, exact),
                SeedInterval.line(
                        "tables that count answers",
                        x,
                        Stream.of(counted)
                                .map(seeds -> SeedInterval.within(seeds, 0, 1))
                                .toList())));
        if (isTrained) {
            series.add(SeedInterval.line("transformers", x, transformer));
        }
        return Picture.of(
                "distilled",
                "Answers distilled round after round",
                "Distance of each round's model from the fixed point of amplification: questions that are broken into"
                        + " simpler ones settle after as many rounds as there are ranks; what is left is what each"
                        + " distillation loses.",
                Picture.Axis.linear("rounds"),
                Picture.Axis.linear("total variation from the fixed point"),
                series);
    }

    private String words(ExperimentResult.Builder result, boolean isTrained) {
        String exact = String.format(
                Locale.ROOT,
                " On the world 'questions' an early model that answers %s of whole questions rightly comes to %s after %s"
                        + " of answering in parts and distilling, %s from the fixed point %s (exact)",
                FigureFormat.of(result.estimate("distilled.0.right")),
                FigureFormat.of(result.estimate("distilled." + rounds + ".right")),
                FigureFormat.counted(rounds, "round"),
                FigureFormat.of(result.estimate("distilled." + rounds + ".error")),
                FigureFormat.of(result.estimate("distilled.limit")));
        if (!isTrained) {
            return exact + ".";
        }
        String id = "transformer." + rounds;
        double limit = result.estimate("distilled.limit");
        boolean holds = result.figure(id + ".right").lower() <= limit
                && limit <= result.figure(id + ".right").upper();
        return exact
                + String.format(
                        Locale.ROOT,
                        "; transformers distilled as often answer %s [%s, %s] rightly (%d seeds), %s, and end %s [%s, %s] from it.",
                        FigureFormat.of(result.estimate(id + ".right")),
                        FigureFormat.of(result.figure(id + ".right").lower()),
                        FigureFormat.of(result.figure(id + ".right").upper()),
                        settings.count("transformer.seeds"),
                        holds ? "the fixed point within their interval" : "the fixed point outside their interval",
                        FigureFormat.of(result.estimate(id + ".error")),
                        FigureFormat.of(result.figure(id + ".error").lower()),
                        FigureFormat.of(result.figure(id + ".error").upper()));
    }
}
