package dev.credence.torch.training;

import dev.credence.torch.tensors.Native;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * What a policy needs to go on to the same bits, as a stream: a mark, the optimiser's rule and the numbers' precision, the
 * number of steps, and each tensor by name with its shape and its bytes, a checksum. A name is what the numbers are (value,
 * first moment, second moment, average, anchor) and the parameter's own, as files call it; they may come in any order, and
 * none may be missing, be twice or be another's.
 */
final class PolicyState {
    private static final String MARK = "credence.policy/2";
    private static final String BY_POSITION = "credence.policy/1";
    private static final String ANCHOR = "anchor of ";
    private static final int PIECE = 1 << 20; // bytes at a time
    private static final int LONGEST = 1 << 24; // bytes of a name

    private PolicyState() {}

    /** The numbers of one parameter: a part of a flat tensor (P). */
    private record Numbers(Parameter parameter, Tensor flat, int width) {
        @SuppressWarnings("try")
        void write(DataOutputStream data, byte[] piece) throws IOException {
            try (PointerScope scope = new PointerScope()) {
                write(data, piece, Native.onHost(own()));
            }
        }

        private void write(DataOutputStream data, byte[] piece, Tensor host) throws IOException {
            for (long from = 0; from < bytes(); from += piece.length) {
                int count = (int) Math.min(piece.length, bytes() - from);
                memory(host, from, count).get(piece, 0, count);
                data.write(piece, 0, count);
            }
        }

        void put(byte[][] pieces) {
            Native.within(() -> {
                Tensor own = own();
                Tensor host = Native.isOnProcessor() ? own : Native.onHost(own.scalar_type(), parameter.size());
                long from = 0;
                for (byte[] piece : pieces) {
                    memory(host, from, piece.length).put(piece);
                    from += piece.length;
                }
                if (!Native.isOnProcessor()) {
                    own.copy_(host);
                }
            });
        }

        private Tensor own() {
            return flat.narrow(0, parameter.offset(), parameter.size());
        }

        byte[][] read(DataInputStream data) throws IOException {
            byte[][] pieces = new byte[(int) ((bytes() + PIECE - 1) / PIECE)][];
            for (int i = 0; i < pieces.length; i++) {
                pieces[i] = new byte[(int) Math.min(PIECE, bytes() - (long) i * PIECE)];
                data.readFully(pieces[i]);
            }
            return pieces;
        }

        private long bytes() {
            return parameter.size() * width;
        }

        private static ByteBuffer memory(Tensor host, long from, int count) {
            BytePointer memory = new BytePointer(host.data_ptr());
            return memory.position(from).limit(from + count).asByteBuffer();
        }
    }

    static void write(Parameters parameters, Stepper stepper, Anchor anchor, OutputStream out) throws IOException {
        CheckedOutputStream checked = new CheckedOutputStream(out, new CRC32());
        DataOutputStream data = new DataOutputStream(checked);
        Map<String, Numbers> state = named(parameters, stepper.state());
        if (anchor.isMoved()) {
            state.putAll(named(parameters, Map.of(ANCHOR, anchor.values())));
        }
        text(data, MARK);
        text(data, stepper.optimiser().rule().name());
        text(data, parameters.precision().name());
        data.writeLong(stepper.steps());
        data.writeInt(state.size());
        byte[] piece = new byte[PIECE];
        for (Map.Entry<String, Numbers> entry : state.entrySet()) {
            text(data, entry.getKey());
            text(data, Arrays.toString(entry.getValue().parameter().shape()));
            entry.getValue().write(data, piece);
        }
        data.writeLong(checked.getChecksum().getValue());
        data.flush();
    }

    /** Reads all before anything is changed. */
    static void read(Parameters parameters, Stepper stepper, Anchor anchor, InputStream in) throws IOException {
        try {
            readAll(parameters, stepper, anchor, in);
        } catch (EOFException e) {
            throw new IOException("the saved state of the policy is cut: it is damaged", e);
        }
    }

    private static void readAll(Parameters parameters, Stepper stepper, Anchor anchor, InputStream in)
            throws IOException {
        CheckedInputStream checked = new CheckedInputStream(in, new CRC32());
        DataInputStream data = new DataInputStream(checked);
        requireMark(text(data));
        expect(stepper.optimiser().rule().name(), text(data), "rule of the optimiser");
        expect(parameters.precision().name(), text(data), "precision");
        long steps = data.readLong();
        Map<String, Numbers> state = named(parameters, stepper.state());
        // shapes alone are asked of an anchor until all is read: its memory is made where the state has one
        Map<String, Numbers> anchored = named(parameters, Map.of(ANCHOR, parameters.values()));
        Map<String, byte[][]> saved = new LinkedHashMap<>();
        int count = data.readInt();
        for (int i = 0; i < count; i++) {
            String name = text(data);
            Numbers own = state.containsKey(name) ? state.get(name) : anchored.get(name);
            if (own == null) {
                throw new IOException("the saved state has '" + name + "', which this policy has not: it is of other"
                        + " weights, of another adapter, or of other settings of the optimiser");
            }
            expect(Arrays.toString(own.parameter().shape()), text(data), "shape of '" + name + "'");
            if (saved.put(name, own.read(data)) != null) {
                throw new IOException("the saved state has '" + name + "' twice: it is damaged");
            }
        }
        long sum = checked.getChecksum().getValue();
        if (data.readLong() != sum) {
            throw new IOException("the state's checksum does not agree with its bytes: it is damaged");
        }
        boolean isAnchored = saved.size() > state.size();
        requireAll(state, saved);
        if (isAnchored) {
            requireAll(anchored, saved);
            state.putAll(named(parameters, Map.of(ANCHOR, anchor.values())));
        } else {
            anchor.forget();
        }
        state.forEach((name, numbers) -> numbers.put(Objects.requireNonNull(saved.get(name)))); // none is missing
        stepper.restore(steps);
    }

    private static void requireAll(Map<String, Numbers> wanted, Map<String, byte[][]> saved) throws IOException {
        for (String name : wanted.keySet()) {
            if (!saved.containsKey(name)) {
                throw new IOException("the saved state has no '" + name + "', which this policy needs: it is of other"
                        + " weights, of another adapter, or of other settings of the optimiser");
            }
        }
    }

    private static Map<String, Numbers> named(Parameters parameters, Map<String, Tensor> flats) {
        Map<String, Numbers> all = new LinkedHashMap<>();
        flats.forEach((what, flat) -> {
            for (Parameter parameter : parameters.list()) {
                String name = what + parameter.name();
                if (all.put(
                                name,
                                new Numbers(
                                        parameter, flat, parameters.precision().bytes()))
                        != null) {
                    throw new IllegalStateException("two of the trained weights are named " + parameter.name());
                }
            }
        });
        return all;
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (!(length >= 0 && length <= LONGEST)) {
            throw new IOException("not a saved state of a policy");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void requireMark(String found) throws IOException {
        if (found.equals(BY_POSITION)) {
            throw new IOException("the saved state is of an earlier version ('" + BY_POSITION + "'), which kept numbers"
                    + " by position; this one goes on from '" + MARK + "', by name: its checkpoint's weights are whole,"
                    + " and a new run can begin from them");
        }
        expect(MARK, found, "mark");
    }

    private static void expect(String own, String found, String what) throws IOException {
        if (!own.equals(found)) {
            throw new IOException("the saved state's " + what + " is '" + found + "'; this policy's is '" + own + "'");
        }
    }
}
