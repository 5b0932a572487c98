package dev.credence.bench.speed;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.torch.Backend;
import dev.credence.torch.MatrixProducts;
import dev.credence.torch.architecture.Architecture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures work beside the peer that does the same: a turn here, a turn there, so that both see the same machine.
 *
 * @param peers where the peers are and what runs them
 * @param device where we compute, and the peers of PyTorch: cpu, or cuda:N
 * @param threads of a peer
 * @param repeats turns
 * @param warmSeconds how long we work before the first turn: the JVM compiles what runs often, and not at once
 */
record TorchSpeed(PeerOptions peers, String device, int threads, int repeats, double warmSeconds) {
    private static final int WARM_UP = 3;
    private static final double ENOUGH = 5; // seconds of warming up, where a single turn takes long

    /**
     * What is compared.
     *
     * @param title what is done
     * @param unit what is counted
     * @param goal how many times as fast it should be; NaN: none
     * @param script the peer
     * @param arguments the peer's
     */
    record Task(String title, String unit, double goal, String script, List<String> arguments) {}

    TorchPairs measure(Task task, TorchWork work) {
        List<String> arguments = new ArrayList<>(task.arguments());
        arguments.addAll(List.of("--threads", Integer.toString(threads)));
        if (PeerOptions.hasDevice(task.script())) {
            arguments.addAll(List.of("--device", device));
        }
        try (TorchPeer peer = peers.start(task.script(), arguments)) {
            warmUp(work);
            List<TorchPairs.Turn> ours = new ArrayList<>();
            List<TorchPairs.Turn> theirs = new ArrayList<>();
            for (int i = 0; i < repeats; i++) {
                TorchPairs.Turn own = turn(work);
                JsonNode figures = peer.turn();
                String contradiction = work.contradiction(figures);
                if (!contradiction.isEmpty()) {
                    throw new IllegalStateException(task.script() + " came to another result: " + contradiction);
                }
                double count = figures.path("tokens").asDouble(own.count()); // where both draw, each has its own
                ours.add(own);
                theirs.add(new TorchPairs.Turn(
                        figures.path("seconds").asDouble(),
                        figures.path("processor").asDouble(Double.NaN),
                        count));
            }
            return new TorchPairs(task.title(), task.unit(), task.goal(), ours, theirs, "");
        } catch (IOException e) {
            return new TorchPairs(
                    task.title(), task.unit(), task.goal(), alone(work), List.of(), String.valueOf(e.getMessage()));
        }
    }

    /** The median over the turns of the share that the matrix products alone have in scoring's time. */
    Share share(Architecture architecture, TorchWork scoring, int rows, int tokens) {
        try (MatrixProducts products = new MatrixProducts(architecture, Backend.shared(), rows, tokens)) {
            warmUp(scoring);
            for (int i = 0; i < WARM_UP; i++) {
                products.run();
            }
            double[] shares = new double[repeats];
            double[] peaks = new double[repeats];
            double[] reached = new double[repeats];
            for (int i = 0; i < repeats; i++) {
                double whole = turn(scoring).seconds();
                long began = System.nanoTime();
                products.run();
                double alone = (System.nanoTime() - began) / 1e9;
                shares[i] = alone / whole;
                peaks[i] = products.operations() / alone;
                reached[i] = products.operations() / whole;
            }
            return new Share(architecture.width(), Timing.median(reached), Timing.median(peaks), Timing.median(shares));
        }
    }

    /**
     * What scoring reaches of the speed of its matrix products alone.
     *
     * @param width d of the model
     * @param reached operations a second in scoring, products by weights alone counted
     * @param peak operations a second of these products by themselves
     * @param share median of the quotient, turn by turn
     */
    record Share(int width, double reached, double peak, double share) {}

    private List<TorchPairs.Turn> alone(TorchWork work) {
        warmUp(work);
        List<TorchPairs.Turn> ours = new ArrayList<>();
        for (int i = 0; i < repeats; i++) {
            ours.add(turn(work));
        }
        return ours;
    }

    private void warmUp(TorchWork work) {
        double seconds = 0;
        for (int i = 0; seconds < warmSeconds || (i < WARM_UP && seconds < ENOUGH); i++) {
            seconds += turn(work).seconds();
        }
    }

    private static TorchPairs.Turn turn(TorchWork work) {
        Timing.Timed<Double> timed = Timing.of(work::run);
        return new TorchPairs.Turn(timed.timing().wall(), timed.timing().processor(), timed.result());
    }
}
