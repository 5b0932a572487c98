package dev.credence.lab.conditioning;

import dev.credence.hub.Checkpoint;
import dev.credence.methods.training.TrainingDivergedException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;

/**
 * A checkpoint of a policy in training: a folder in the hub's format, with the policy's state, and the loop's: method, place in
 * the sequence of draws.
 */
final class PolicyFiles {
    static final String POLICY = "state.bin";
    static final String LOOP = "method.bin";

    private static final double ROUNDING = 1e-3; // nats that single precision may leave above 0

    private PolicyFiles() {}

    static void write(PolicyTraining.Work work, Checkpoint form, Path into) throws IOException {
        form.save(work.policy().transformer(), into);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(into.resolve(POLICY)), 1 << 16)) {
            work.policy().save(out);
        }
        byte[] loop = loop(work);
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(into.resolve(LOOP)))) {
            out.writeInt(loop.length);
            out.write(loop);
            out.writeLong(checksum(loop));
        }
    }

    private static byte[] loop(PolicyTraining.Work work) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        work.random().save(out);
        work.run().save(out);
        return out.toByteArray();
    }

    /** Reads both files before anything is changed; the policy's checks itself. */
    static void read(PolicyTraining.Work work, Path folder) throws IOException {
        byte[] loop;
        try (DataInputStream in = new DataInputStream(Files.newInputStream(folder.resolve(LOOP)))) {
            loop = in.readNBytes(in.readInt());
            if (in.readLong() != checksum(loop)) {
                throw new IOException(LOOP + "'s checksum does not agree with its bytes: it is damaged");
            }
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(folder.resolve(POLICY)), 1 << 16)) {
            work.policy().restore(in);
        }
        ByteArrayInputStream in = new ByteArrayInputStream(loop);
        work.random().restore(in);
        work.run().restore(in);
    }

    private static long checksum(byte[] bytes) {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        return sum.getValue();
    }

    /** A policy whose numbers are not all finite is never kept. */
    static void requireFinite(PolicyTraining.Work work) {
        for (double[] row : work.policy().nextLogProbs(work.prompts())) {
            for (double logProb : row) {
                if (!(logProb <= ROUNDING)) {
                    throw new TrainingDivergedException(
                            work.run().last().step() + 1,
                            TrainingDivergedException.Reason.POLICY,
                            logProb,
                            Double.POSITIVE_INFINITY);
                }
            }
        }
    }
}
