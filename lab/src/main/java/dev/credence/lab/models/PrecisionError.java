package dev.credence.lab.models;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.provenance.InputException;
import dev.credence.hub.Checkpoint;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Arithmetic;
import dev.credence.torch.architecture.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * How far log-probabilities in other arithmetics are from those in single precision with all weights widened: of texts that the model
 * itself drew.
 *
 * @param stored in what the weights are stored
 * @param tokens scored
 * @param asStored the mean of |Δ log-probability| a token, nats, of weights multiplied as they are stored
 * @param bf16 the same of weights and rows rounded to bfloat16
 * @param bf16Text the largest of |Δ log-probability| of a whole text, nats, in bfloat16
 */
public record PrecisionError(Precision stored, int tokens, double asStored, double bf16, double bf16Text) {
    private static final int TEXTS = 8;
    private static final int LENGTH = 32;
    private static final int DEPTH = 3;
    private static final long SEED = 1;

    /**
     * Checkpoint folders of language models.
     *
     * @param folder one, or one that holds some, three levels down at most
     * @return their folders, in order
     * @throws IOException if looking fails
     * @throws InputException if there is none
     */
    public static List<Path> folders(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw InputException.ofSetting("models", folder.toString(), "it must be a folder");
        }
        List<Path> found = new ArrayList<>();
        collect(folder, DEPTH, found);
        if (found.isEmpty()) {
            throw InputException.ofSetting("models", folder.toString(), "it holds no checkpoint folder");
        }
        Collections.sort(found);
        return found;
    }

    /** Through links too, which a walk that follows them refuses where one leads back; a depth ends those. */
    private static void collect(Path folder, int levels, List<Path> found) throws IOException {
        if (Files.exists(folder.resolve("config.json"))) {
            found.add(folder);
        }
        if (levels > 1) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path inner : files.filter(Files::isDirectory).toList()) {
                    collect(inner, levels - 1, found);
                }
            }
        }
    }

    /**
     * Measures a checkpoint: draws, and scores what was drawn three times.
     *
     * @param folder of a language model
     * @return the errors
     * @throws InputException if it cannot be read, or does not fit into memory in single precision
     */
    public static PrecisionError of(Path folder) {
        Checkpoint checkpoint = Checkpoint.open(folder);
        int begin = checkpoint.ends().stream().findFirst().orElse(0);
        List<Continuation> texts;
        double[][] single;
        try (Transformer model = load(checkpoint, Arithmetic.SINGLE)) {
            int length = Math.min(LENGTH, model.architecture().context());
            List<Sample> drawn =
                    model.sample(new int[] {begin}, TEXTS, Sampling.upTo(length), new SplittableRandom(SEED));
            texts = drawn.stream()
                    .map(sample -> new Continuation(new int[] {begin}, sample.tokens()))
                    .toList();
            single = model.logProbs(texts);
        }
        double[][] stored = scores(checkpoint, Arithmetic.AS_STORED, texts);
        double[][] rounded = scores(checkpoint, Arithmetic.BFLOAT16, texts);
        int tokens = 0;
        double asStored = 0;
        double bf16 = 0;
        double worst = 0;
        for (int i = 0; i < single.length; i++) {
            double sum = 0;
            for (int t = 0; t < single[i].length; t++) {
                asStored += Math.abs(stored[i][t] - single[i][t]);
                bf16 += Math.abs(rounded[i][t] - single[i][t]);
                sum += rounded[i][t] - single[i][t];
                tokens++;
            }
            worst = Math.max(worst, Math.abs(sum));
        }
        return new PrecisionError(checkpoint.storedPrecision(), tokens, asStored / tokens, bf16 / tokens, worst);
    }

    private static double[][] scores(Checkpoint checkpoint, Arithmetic arithmetic, List<Continuation> texts) {
        try (Transformer model = load(checkpoint, arithmetic)) {
            return model.logProbs(texts);
        }
    }

    private static Transformer load(Checkpoint checkpoint, Arithmetic arithmetic) {
        return checkpoint.load(new Transformer.Compute(Backend.shared(), arithmetic));
    }

    /** {@return one line for people} */
    public String describe() {
        return String.format(
                Locale.ROOT,
                "off fp32 by %.1e nats a token in bf16, %.1e as stored (%s)",
                bf16,
                asStored,
                stored.word());
    }
}
