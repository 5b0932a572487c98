package dev.credence.bench.speed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.model.Continuation;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.SequenceObjective;
import dev.credence.core.training.StepReport;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import dev.credence.torch.training.Trainable;
import dev.credence.torch.training.TransformerPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Training steps of a model here and in PyTorch, in turns, from the same start on the same rows. */
final class TrainSpeed {
    private static final int WARM_UP = 2; // steps that the peers take before their first turn
    private static final double AGREED = 1e-3; // nats a token between two losses after the same steps
    private static final Optimiser ADAMW =
            new Optimiser(Optimiser.Rule.ADAMW, LearningRate.constant(1e-3), 0.9, 0.999, 1e-8, 0.05, 1, 0);

    private final Transformer base;
    private final List<Continuation> batch = new ArrayList<>();
    private final int[][] rows;
    private final int repeats;
    private final SequenceObjective mean;

    /**
     * Steps to be measured.
     *
     * @param base where all of them start
     * @param rows (batch) (length + 1) ids
     * @param repeats steps that are timed
     */
    TrainSpeed(Transformer base, int[][] rows, int repeats) {
        this.base = base;
        this.rows = rows;
        this.repeats = repeats;
        double share = 1.0 / ((long) rows.length * (rows[0].length - 1));
        for (int[] row : rows) {
            batch.add(new Continuation(Arrays.copyOf(row, 1), Arrays.copyOfRange(row, 1, row.length)));
        }
        this.mean = (sequence, logProbs) -> {
            double[] weights = new double[logProbs.length];
            Arrays.fill(weights, share);
            return weights;
        };
    }

    TrainReport measure(PeerOptions peers, Path model, Backend backend) throws IOException {
        Path ids = Files.createTempFile("credence-ids", ".json");
        ids.toFile().deleteOnExit(); // where a signal ends the process
        List<TrainReport.Peer> measured = new ArrayList<>();
        try {
            Files.writeString(ids, new ObjectMapper().writeValueAsString(rows), StandardCharsets.UTF_8);
            for (String mode : List.of("eager", "compile")) {
                List<String> arguments = List.of(
                        model.toString(),
                        "--ids",
                        ids.toString(),
                        "--mode",
                        mode,
                        "--threads",
                        Integer.toString(backend.choice().threads()),
                        "--device",
                        backend.choice().device());
                measured.add(beside(mode, () -> peers.start("torch_train.py", arguments)));
            }
        } finally {
            Files.delete(ids);
        }
        return new TrainReport(
                backend.version() + ", " + backend.choice().describe(),
                (long) rows.length * (rows[0].length - 1),
                peakBytes(),
                measured);
    }

    private interface Start {
        TorchPeer now() throws IOException;
    }

    /** Our steps and a peer's in turns; ours alone where the peer cannot be run. */
    private TrainReport.Peer beside(String mode, Start start) {
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        long bytes = 0;
        String version = "";
        String skipped = "";
        try (TransformerPolicy policy = TransformerPolicy.of(base, Trainable.all(), ADAMW)) {
            for (int i = 0; i < WARM_UP; i++) {
                policy.step(batch, mean);
            }
            try (TorchPeer peer = start.now()) {
                version = peer.about().path("torch").asText();
                for (int i = 0; i < repeats; i++) {
                    double loss = step(policy, ours);
                    JsonNode turn = peer.turn();
                    theirs.add(turn.path("seconds").asDouble());
                    bytes = turn.path("peakBytes").asLong();
                    check(i, loss, turn.path("loss").asDouble());
                }
            } catch (IOException e) {
                skipped = String.valueOf(e.getMessage());
                while (ours.size() < repeats) {
                    step(policy, ours);
                }
            }
        }
        return new TrainReport.Peer(mode, version, ours, theirs, bytes, skipped);
    }

    /** Takes a step; the loss before it, nats a token. */
    private double step(TransformerPolicy policy, List<Double> seconds) {
        long began = System.nanoTime();
        StepReport report = policy.step(batch, mean);
        seconds.add((System.nanoTime() - began) / 1e9);
        return -Arrays.stream(report.logProbs())
                .flatMapToDouble(Arrays::stream)
                .average()
                .orElse(0);
    }

    private static void check(int step, double ours, double theirs) {
        if (!(Math.abs(ours - theirs) <= AGREED)) {
            throw new IllegalStateException(String.format(
                    Locale.ROOT,
                    "step %d: the loss is %.6f here and %.6f in PyTorch; they are of the same work",
                    step + 1,
                    ours,
                    theirs));
        }
    }

    /** The most memory this process has had, where Linux says it; else 0. */
    private static long peakBytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .findFirst()
                .orElse(0);
    }
}
