package dev.credence.lab.experiments;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.MethodOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Is RL with a KL penalty like having seen fifty of each good example? Nominal copies 1/β against those reached, along training
 * paths, for the four readings of a reward (docs/theory.md#what-copies-mean); and the same
 * question of copies as observed data (docs/theory.md#observed-data).
 */
public final class FiftyCopies {
    /** What a posterior that was not trained is called. */
    static final String OPTIMUM = "exact optimum";

    private static final double[] PRIOR = {.4, .3, .2, .1};
    private static final double[] APPROVAL = {.9, .5, .2, .05}; // best text last, as the scores
    private static final double[] SCORE = {0, .5, 1.5, 4}; // logits of no particular scale
    private static final int POOL = 64;

    private FiftyCopies() {}

    /**
     * What was found.
     *
     * @param points of all paths
     * @param observed policies read as copies of data
     * @param ran what was run, place by place
     */
    public record Outcome(List<PathPoint> points, List<DataCopies> observed, Map<String, String> ran) {
        /**
         * Both together.
         *
         * @param other of another place
         * @return the figures of both
         */
        public Outcome and(Outcome other) {
            Map<String, String> all = new LinkedHashMap<>(ran);
            all.putAll(other.ran);
            return new Outcome(
                    Stream.concat(points.stream(), other.points.stream()).toList(),
                    Stream.concat(observed.stream(), other.observed.stream()).toList(),
                    all);
        }
    }

    /**
     * Runs it on tables of four texts, and on one of texts that tell of their author.
     *
     * @param grid how much
     * @param progress takes a line from time to time
     * @return the figures
     */
    public static Outcome onTable(Grid grid, Consumer<String> progress) {
        Remaining remaining = new Remaining((grid.readings().size() + 1) * work(grid), progress, System::nanoTime);
        List<PathPoint> points = new ArrayList<>();
        TableModel prior = prior();
        for (RewardReading reading : grid.readings()) {
            TablePlace place = new TablePlace(prior, reading.letter(), reward(reading, prior.given("")));
            walk(
                    new Paths<>(place, grid),
                    grid,
                    new Walked(points, new ArrayList<>()),
                    remaining,
                    Listener.silent(),
                    "table, reading " + reading.letter(),
                    (method, beta, into) -> (policy, seed) -> {});
        }
        List<DataCopies> observed = new ArrayList<>();
        LatentWorld world = LatentWorld.standard();
        TablePlace place = new TablePlace(world.prior(), "a", world.reward());
        for (double beta : grid.betas()) {
            observed.add(optimum(world, place, beta, OPTIMUM, RewardLikelihood.tilt(1 / beta)));
            RewardLikelihood best =
                    Paths.aim(Paths.BEST_OF_N, MethodOptions.none().with("n", POOL));
            observed.add(optimum(world, place, beta, Paths.BEST_OF_N, best));
        }
        Grid once = grid.once();
        walk(
                new Paths<>(place, once),
                once,
                new Walked(new ArrayList<>(), observed),
                remaining,
                Listener.silent(),
                "copies as data",
                (method, beta, into) -> (policy, seed) -> into.add(DataCopies.drawn(
                        new DataCopies.Policy(TablePlace.NAME, method, beta),
                        world.probe(policy.table().given("")),
                        world)));
        return new Outcome(points, observed, Map.of(TablePlace.NAME, grid.words()));
    }

    /**
     * The posterior of the first letter's evidence, read by its probe.
     *
     * @param world of texts that tell of their author
     * @param beta the coefficient
     * @return the reading, exact
     */
    public static DataCopies optimum(LatentWorld world, double beta) {
        TablePlace place = new TablePlace(world.prior(), "a", world.reward());
        return optimum(world, place, beta, OPTIMUM, RewardLikelihood.tilt(1 / beta));
    }

    private static DataCopies optimum(
            LatentWorld world, TablePlace place, double beta, String method, RewardLikelihood evidence) {
        double[] probe = world.probe(place.conditioned(evidence).given(""));
        return DataCopies.exact(new DataCopies.Policy(TablePlace.NAME, method, beta), probe, world);
    }

    /**
     * Runs it on a transformer, every figure by enumeration.
     *
     * @param model the prior; stays the caller's
     * @param world its texts, their score, the unrewarded probe
     * @param grid how much
     * @param listener takes a line from time to time, and may keep each method's end at each coefficient
     * @return the figures
     */
    public static Outcome onTransformer(OpenModel model, AskedModel world, Grid grid, Listener listener) {
        TextSpace space = TextSpace.of(model, world.extent, world.score);
        listener.accept(String.format("%s: %,d texts enumerated", model.title(), space.size()));
        ContextReaders readers = world.probe == null ? null : space.readers(world.probe);
        Remaining remaining = new Remaining(grid.readings().size() * work(grid), listener, System::nanoTime);
        List<PathPoint> points = new ArrayList<>();
        List<DataCopies> observed = new ArrayList<>();
        for (RewardReading reading : grid.readings()) {
            TransformerPlace place = new TransformerPlace(space, reading);
            walk(
                    new Paths<>(place, grid),
                    grid,
                    new Walked(points, observed),
                    remaining,
                    listener,
                    model.title() + ", reading " + reading.letter(),
                    (method, beta, into) -> (policy, seed) -> {
                        if (readers != null && seed == 1 && reading == grid.readAsData()) {
                            into.add(DataCopies.drawn(
                                    new DataCopies.Policy(model.title(), method, beta),
                                    readers.probeOf(policy.transformer()),
                                    readers));
                        }
                    });
        }
        String ran = String.format(
                "%,d texts of at most %d tokens behind %s; %s",
                space.size(), world.extent.horizon(), quoted(world.extent.prompts()), grid.words());
        String read = readers == null
                ? "no unrewarded probe, so nothing is read as data"
                : String.format(
                        "read as data behind %s against up to %d copies of %s in the context",
                        quoted(List.of(world.probe)), readers.most(), space.example());
        return new Outcome(points, observed, Map.of(model.title(), ran + "; " + read));
    }

    /**
     * What is asked of a model.
     *
     * @param extent its texts
     * @param score of them, a logit
     * @param probe a prompt that is never rewarded, or null
     */
    public record AskedModel(
            TextSpace.Extent extent,
            RewardExpression score,
            @Nullable String probe) {}

    private static List<String> quoted(List<String> prompts) {
        return prompts.stream()
                .map(prompt -> "'" + prompt.replace("\n", "\\n") + "'")
                .toList();
    }

    /** Whom a trained policy is shown to at its end. */
    private interface Shown<P> {
        ObjLongConsumer<P> to(String method, double beta, List<DataCopies> into);
    }

    /**
     * What a walk passed.
     *
     * @param points of paths
     * @param observed policies read as copies of data
     */
    private record Walked(List<PathPoint> points, List<DataCopies> observed) {
        void and(Walked more) {
            points.addAll(more.points);
            observed.addAll(more.observed);
        }
    }

    private static <P extends TrainablePolicy> void walk(
            Paths<P> paths, Grid grid, Walked all, Remaining remaining, Listener keeper, String where, Shown<P> shown) {
        for (double beta : grid.betas()) {
            for (String method : Paths.TRAINED) {
                if (Paths.hears(method, beta)) {
                    String cell = where + ", beta " + beta + ", " + method;
                    all.and(KeptRecord.part(keeper, named(cell), Walked.class, () -> {
                        List<DataCopies> observed = new ArrayList<>();
                        return new Walked(paths.trained(method, beta, shown.to(method, beta, observed)), observed);
                    }));
                    remaining.did(Paths.updates(method), cell);
                    if (keeper.isStopped()) {
                        throw new InterruptedRunException("stopped behind " + cell + "; what is done is kept");
                    }
                }
            }
            all.and(KeptRecord.part(keeper, named(where + ", beta " + beta + ", the others"), Walked.class, () -> {
                List<PathPoint> points = new ArrayList<>(paths.expertIteration(beta));
                points.addAll(paths.bestOf(beta));
                return new Walked(points, List.of());
            }));
        }
    }

    private static String named(String cell) {
        return cell.replaceAll("[^\\w.-]+", "_");
    }

    private static double work(Grid grid) {
        double work = 0;
        for (double beta : grid.betas()) {
            for (String method : Paths.TRAINED) {
                work += Paths.hears(method, beta) ? Paths.updates(method) : 0;
            }
        }
        return work;
    }

    /** {@return world, prior and reward of the table, in a sentence} */
    static String setting(Grid grid) {
        return "The table's " + PRIOR.length + " texts have the prior "
                + Arrays.stream(PRIOR).mapToObj(FigureFormat::of).collect(Collectors.joining(", "))
                + " and a reward in the readings "
                + grid.readings().stream().map(RewardReading::letter).collect(Collectors.joining(", ")) + ".";
    }

    private static TableModel prior() {
        Map<String, Double> byName = new LinkedHashMap<>();
        for (int i = 0; i < PRIOR.length; i++) {
            byName.put(String.valueOf((char) ('a' + i)), PRIOR[i]);
        }
        return TableModel.of(Distribution.of(byName));
    }

    private static RewardFunction reward(RewardReading reading, Distribution prior) {
        double mean = prior.expectation(SCORE);
        double variance = 0;
        for (int i = 0; i < SCORE.length; i++) {
            variance += prior.probability(i) * (SCORE[i] - mean) * (SCORE[i] - mean);
        }
        double deviation = Math.sqrt(variance);
        return (prompt, text) -> switch (reading) {
            case A -> Math.log(approval(text));
            case B -> approval(text);
            case C, D -> reading.of(SCORE[text.charAt(0) - 'a'], mean, deviation);
        };
    }

    private static double approval(String text) {
        return APPROVAL[APPROVAL.length - 1 - (text.charAt(0) - 'a')];
    }
}
