package dev.credence.torch.training;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;

/**
 * What a policy needs to go on to the same bits, as a stream: a mark, what the parameters and the optimiser are, the number
 * of steps, the tensors' bytes (the parameters, the optimiser's, the anchor's where it was moved), a checksum.
 */
final class PolicyState {
    private static final String MARK = "credence.policy/1";
    private static final int PIECE = 1 << 20; // bytes at a time

    private PolicyState() {}

    static void write(Parameters parameters, Stepper stepper, Anchor anchor, OutputStream out) throws IOException {
        CheckedOutputStream checked = new CheckedOutputStream(out, new CRC32());
        DataOutputStream data = new DataOutputStream(checked);
        text(data, MARK);
        List<Tensor> state = new ArrayList<>(stepper.state());
        if (anchor.isMoved()) {
            state.add(anchor.values());
        }
        text(data, describe(parameters, stepper, state.size()));
        data.writeLong(stepper.steps());
        byte[] piece = new byte[PIECE];
        for (Tensor tensor : state) {
            ByteBuffer bytes = bytes(tensor, parameters);
            while (bytes.hasRemaining()) {
                int count = Math.min(PIECE, bytes.remaining());
                bytes.get(piece, 0, count);
                data.write(piece, 0, count);
            }
        }
        data.writeLong(checked.getChecksum().getValue());
        data.flush();
    }

    /** Reads all before anything is changed. */
    static void read(Parameters parameters, Stepper stepper, Anchor anchor, InputStream in) throws IOException {
        CheckedInputStream checked = new CheckedInputStream(in, new CRC32());
        DataInputStream data = new DataInputStream(checked);
        expect(MARK, text(data), "the state's mark");
        List<Tensor> state = new ArrayList<>(stepper.state());
        String found = text(data);
        boolean isAnchored = found.equals(describe(parameters, stepper, state.size() + 1));
        if (!isAnchored) {
            expect(describe(parameters, stepper, state.size()), found, "what the state is of");
        }
        long steps = data.readLong();
        List<byte[]> saved = new ArrayList<>();
        for (int i = 0; i < state.size() + (isAnchored ? 1 : 0); i++) { // the anchor is as long as the parameters
            byte[] bytes =
                    new byte[bytes(state.get(i % state.size()), parameters).remaining()];
            data.readFully(bytes);
            saved.add(bytes);
        }
        long sum = checked.getChecksum().getValue();
        if (data.readLong() != sum) {
            throw new IOException("the state's checksum does not agree with its bytes: it is damaged");
        }
        if (isAnchored) {
            state.add(anchor.values());
        } else {
            anchor.forget();
        }
        for (int i = 0; i < saved.size(); i++) {
            bytes(state.get(i), parameters).put(saved.get(i));
        }
        stepper.restore(steps);
    }

    private static String describe(Parameters parameters, Stepper stepper, int tensors) {
        return stepper.optimiser().rule() + " of " + tensors + " tensors: " + parameters.describe();
    }

    private static ByteBuffer bytes(Tensor tensor, Parameters parameters) {
        return new BytePointer(tensor.data_ptr())
                .limit(tensor.numel() * parameters.precision().bytes())
                .asByteBuffer();
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (!(length >= 0 && length <= 1 << 24)) {
            throw new IOException("not a saved state of a policy");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void expect(String own, String found, String what) throws IOException {
        if (!own.equals(found)) {
            throw new IOException(what + " is '" + found + "'; this policy's is '" + own + "'");
        }
    }
}
