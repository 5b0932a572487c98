package dev.credence.torch;

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
 * of steps, the tensors' bytes, a checksum.
 */
final class PolicyState {
    private static final String MARK = "credence.policy/1";
    private static final int PIECE = 1 << 20; // bytes at a time

    private PolicyState() {}

    static void write(Parameters parameters, Stepper stepper, OutputStream out) throws IOException {
        CheckedOutputStream checked = new CheckedOutputStream(out, new CRC32());
        DataOutputStream data = new DataOutputStream(checked);
        text(data, MARK);
        text(data, describe(parameters, stepper));
        data.writeLong(stepper.steps());
        byte[] piece = new byte[PIECE];
        for (Tensor tensor : stepper.state()) {
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
    static void read(Parameters parameters, Stepper stepper, InputStream in) throws IOException {
        CheckedInputStream checked = new CheckedInputStream(in, new CRC32());
        DataInputStream data = new DataInputStream(checked);
        expect(MARK, text(data), "the state's mark");
        expect(describe(parameters, stepper), text(data), "what the state is of");
        long steps = data.readLong();
        List<byte[]> saved = new ArrayList<>();
        List<Tensor> state = stepper.state();
        for (Tensor tensor : state) {
            byte[] bytes = new byte[bytes(tensor, parameters).remaining()];
            data.readFully(bytes);
            saved.add(bytes);
        }
        long sum = checked.getChecksum().getValue();
        if (data.readLong() != sum) {
            throw new IOException("the state's checksum does not agree with its bytes: it is damaged");
        }
        for (int i = 0; i < saved.size(); i++) {
            bytes(state.get(i), parameters).put(saved.get(i));
        }
        stepper.restore(steps);
    }

    private static String describe(Parameters parameters, Stepper stepper) {
        return stepper.optimiser().rule() + " of " + stepper.state().size() + " tensors: " + parameters.describe();
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
