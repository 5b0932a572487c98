package dev.credence.torch.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.training.DistributionObjective;
import dev.credence.core.training.Objective;
import dev.credence.core.training.SequenceObjective;
import dev.credence.torch.Transformer;
import dev.credence.torch.layers.Packing;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of an objective over a batch. The batch is dealt to as many lanes as there are threads, each with gradients
 * of its own that are added in order at the end; a lane's sequences run in pieces whose activations stay in the cache. Which
 * sequence is in which lane and piece depends on nothing but the lengths and the number of threads.
 */
final class BatchGradient implements AutoCloseable {
    private static final int PIECE_ROWS = 768; // tokens that share a matrix product
    private static final int KEPT_ROWS = 1 << 15; // tokens whose activations are kept while the objective is asked

    private final TrainedModel model;
    private final Workers workers;
    private final List<Gradients> lanes = new ArrayList<>();

    BatchGradient(TrainedModel model) {
        this.model = model;
        this.workers = model.transformer().backend().workers();
        Native.make(() -> Native.within(() -> {
            for (int lane = 0; lane < workers.count(); lane++) {
                lanes.add(new Gradients(model.parameters()));
            }
            return lanes;
        }));
    }

    /** Computes the gradient; the log-probabilities of the batch. */
    double[][] of(List<Continuation> batch, Objective objective) {
        double[][] logProbs = new double[batch.size()][];
        List<List<Packing>> dealt = deal(batch);
        if (objective instanceof SequenceObjective own) {
            pieceByPiece(batch, dealt, own, logProbs);
        } else if (dealt.stream()
                        .flatMap(List::stream)
                        .mapToInt(p -> p.ids().length)
                        .sum()
                <= KEPT_ROWS) {
            atOnce(batch, dealt, objective, logProbs);
        } else {
            double[][] scored = scored(batch);
            double[][] weights = checked(objective.weights(scored), batch);
            pieceByPiece(batch, dealt, (sequence, ignored) -> weights[sequence], logProbs);
        }
        return logProbs;
    }

    /** What a forward pass gives, and nothing else. */
    double[][] forward(List<Continuation> batch) {
        double[][] logProbs = new double[batch.size()][];
        each(deal(batch), (lane, packing) -> {
            try (TrainedNetwork.Pass pass = model.network().forward(packing)) {
                packing.scatter(pass.logProbs(), batch, logProbs);
            }
        });
        return logProbs;
    }

    private double[][] scored(List<Continuation> batch) {
        Transformer transformer = model.transformer();
        if (!transformer.isScoring()) {
            return transformer.logProbs(batch);
        }
        double[] scores =
                transformer.scores(batch.stream().map(Continuation::prompt).toList());
        return Arrays.stream(scores).mapToObj(score -> new double[] {score}).toArray(double[][]::new);
    }

    private void pieceByPiece(
            List<Continuation> batch, List<List<Packing>> dealt, SequenceObjective objective, double[][] logProbs) {
        each(dealt, (lane, packing) -> {
            try (TrainedNetwork.Pass pass = model.network().forward(packing)) {
                packing.scatter(pass.logProbs(), batch, logProbs);
                double[][] weights = new double[batch.size()][];
                for (int sequence : packing.sequences()) {
                    weights[sequence] = objective.weights(sequence, logProbs[sequence]);
                    check(sequence, weights[sequence], batch);
                }
                pass.backward(packing.gather(weights), lanes.get(lane));
            }
        });
    }

    private void atOnce(List<Continuation> batch, List<List<Packing>> dealt, Objective objective, double[][] logProbs) {
        List<List<TrainedNetwork.Pass>> passes = new ArrayList<>();
        dealt.forEach(lane -> passes.add(new ArrayList<>()));
        try {
            each(dealt, (lane, packing) -> {
                TrainedNetwork.Pass pass = model.network().forward(packing);
                passes.get(lane).add(pass);
                packing.scatter(pass.logProbs(), batch, logProbs);
            });
            double[][] weights = checked(objective.weights(logProbs), batch);
            each(passes, (lane, pass) -> {
                pass.backward(pass.packing().gather(weights), lanes.get(lane));
                pass.close();
            });
        } finally {
            passes.forEach(lane -> lane.forEach(TrainedNetwork.Pass::close));
        }
    }

    /** The same for an objective of full distributions; asked by one thread, in the order of pieces. */
    double[][] ofDistributions(List<Continuation> batch, DistributionObjective objective) {
        double[][] logProbs = new double[batch.size()][];
        each(deal(batch), (lane, packing) -> {
            try (TrainedNetwork.Pass pass = model.network().forward(packing)) {
                packing.scatter(pass.logProbs(), batch, logProbs);
                double[] weights;
                synchronized (objective) {
                    weights = weights(packing, batch, pass.distributions(), objective);
                }
                pass.backwardOfAll(weights, lanes.get(lane));
            }
        });
        return logProbs;
    }

    private static double[] weights(
            Packing packing, List<Continuation> batch, double[] distributions, DistributionObjective objective) {
        int v = packing.targets().length == 0 ? 0 : distributions.length / packing.targets().length;
        double[] weights = new double[distributions.length];
        int k = 0;
        for (int sequence : packing.sequences()) {
            for (int t = 0; t < batch.get(sequence).tokens().length; t++) {
                double[] own = new double[v];
                objective.weights(sequence, t, Arrays.copyOfRange(distributions, k, k + v), own);
                System.arraycopy(own, 0, weights, k, v);
                k += v;
            }
        }
        return weights;
    }

    /** (P) the whole gradient, in the first lane's place. */
    Tensor sum() {
        return lanes.get(0).values();
    }

    /** Adds the lanes up, and then the processes where there are several; the Euclidean norm of the sum. */
    double norm(@Nullable ProcessGroup processes) {
        return Native.make(() -> Native.within(() -> {
            for (int lane = 1; lane < lanes.size(); lane++) {
                sum().add_(lanes.get(lane).values());
            }
            if (processes != null) {
                processes.sum(sum());
            }
            return sum().norm().item_double();
        }));
    }

    /** Every lane's pieces in order, lanes side by side; gradients begin at zero where a lane begins. */
    private <T> void each(List<List<T>> byLane, Work<T> work) {
        workers.map(
                byLane.size(),
                lane -> Native.make(() -> {
                    byLane.get(lane).forEach(piece -> work.of(lane, piece));
                    return lane;
                }));
    }

    private interface Work<T> {
        void of(int lane, T piece);
    }

    /** What each lane does. Sequences that begin alike share what they have in common where that leaves out enough. */
    private List<List<Packing>> deal(List<Continuation> batch) {
        Native.make(() -> Native.within(() -> {
            lanes.forEach(lane -> lane.values().zero_());
            return lanes;
        }));
        Packing.Order order = Packing.Order.of(batch);
        return order.isWorthwhile(batch) ? dealAlike(batch, order) : dealLongest(batch);
    }

    /** Neighbours in an order, cut into pieces of about equal rows, as many for each lane. */
    private List<List<Packing>> dealAlike(List<Continuation> batch, Packing.Order order) {
        int each = order.piecesEach(lanes.size(), PIECE_ROWS * Native.breadth());
        List<int[]> pieces = order.cut(lanes.size() * each);
        List<List<Packing>> dealt = new ArrayList<>();
        for (int from = 0; from < pieces.size(); from += each) {
            dealt.add(pieces.subList(from, Math.min(pieces.size(), from + each)).stream()
                    .map(piece -> Packing.sharing(batch, piece))
                    .toList());
        }
        return dealt;
    }

    /** Longest sequences first, each to the lane with the fewest rows; pieces of about equal size. */
    private List<List<Packing>> dealLongest(List<Continuation> batch) {
        int[] order = IntStream.range(0, batch.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> -Packing.rows(batch.get(i))))
                .mapToInt(Integer::intValue)
                .toArray();
        int count = Math.min(lanes.size(), batch.size());
        List<List<Integer>> dealt = new ArrayList<>();
        long[] rows = new long[count];
        for (int lane = 0; lane < count; lane++) {
            dealt.add(new ArrayList<>());
        }
        for (int sequence : order) {
            int least = 0;
            for (int lane = 1; lane < count; lane++) {
                least = rows[lane] < rows[least] ? lane : least;
            }
            dealt.get(least).add(sequence);
            rows[least] += Packing.rows(batch.get(sequence));
        }
        List<List<Packing>> pieces = new ArrayList<>();
        for (int lane = 0; lane < count; lane++) {
            pieces.add(cut(batch, dealt.get(lane), rows[lane]));
        }
        return pieces;
    }

    private static List<Packing> cut(List<Continuation> batch, List<Integer> sequences, long rows) {
        long share = rows / Math.max(1, Math.round((double) rows / (PIECE_ROWS * Native.breadth())));
        List<Packing> pieces = new ArrayList<>();
        List<Integer> open = new ArrayList<>();
        long filled = 0;
        for (int sequence : sequences) {
            open.add(sequence);
            filled += Packing.rows(batch.get(sequence));
            if (filled >= share) {
                pieces.add(pack(batch, open));
                open = new ArrayList<>();
                filled = 0;
            }
        }
        if (!open.isEmpty()) {
            pieces.add(pack(batch, open));
        }
        return pieces;
    }

    private static Packing pack(List<Continuation> batch, List<Integer> sequences) {
        return Packing.of(batch, sequences.stream().mapToInt(Integer::intValue).toArray());
    }

    private static double[][] checked(double[][] weights, List<Continuation> batch) {
        if (weights.length != batch.size()) {
            throw new IllegalArgumentException(
                    "weights are of " + weights.length + " sequences; the batch has " + batch.size());
        }
        for (int sequence = 0; sequence < weights.length; sequence++) {
            check(sequence, weights[sequence], batch);
        }
        return weights;
    }

    private static void check(int sequence, double[] weights, List<Continuation> batch) {
        int tokens = batch.get(sequence).tokens().length;
        if (weights.length != tokens) {
            throw new IllegalArgumentException("weights of sequence " + sequence + " are " + weights.length
                    + "; it has " + tokens + " tokens to score");
        }
    }

    @Override
    public void close() {
        lanes.forEach(Gradients::close);
    }
}
