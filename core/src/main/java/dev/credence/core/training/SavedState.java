package dev.credence.core.training;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UTFDataFormatException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What something holds, as numbers by name. Whoever reads it asks for what it needs, so that a state of another version or
 * another holder is refused by the name of what it lacks. As bytes: a mark, the holder, and each field's name, kind, length and
 * numbers.
 */
public final class SavedState {
    private static final String MARK = "credence.state/1";
    private static final int MOST = 1 << 28; // numbers a field; a larger length is no length

    private final String holder;
    private final Map<String, Object> fields = new LinkedHashMap<>(); // of long[] and double[]

    private SavedState(String holder) {
        this.holder = holder;
    }

    /**
     * An empty state.
     *
     * @param holder what holds it; another one refuses it
     * @return to be filled
     */
    public static SavedState of(String holder) {
        return new SavedState(holder);
    }

    /**
     * Adds whole numbers.
     *
     * @param name of the field
     * @param values its numbers
     * @return this
     * @throws IllegalStateException if the name is taken
     */
    public SavedState wholes(String name, long... values) {
        return add(name, values.clone());
    }

    /**
     * Adds numbers.
     *
     * @param name of the field
     * @param values its numbers, to the last bit
     * @return this
     * @throws IllegalStateException if the name is taken
     */
    public SavedState numbers(String name, double... values) {
        return add(name, values.clone());
    }

    private SavedState add(String name, Object values) {
        if (fields.putIfAbsent(name, values) != null) {
            throw new IllegalStateException("the state of '" + holder + "' has two fields '" + name + "'");
        }
        return this;
    }

    /**
     * A field of whole numbers.
     *
     * @param name of the field
     * @return its numbers
     * @throws IOException if there is none, or it holds others
     */
    public long[] wholes(String name) throws IOException {
        if (field(name) instanceof long[] values) {
            return values.clone();
        }
        throw refused(name, "holds no whole numbers");
    }

    /**
     * A field of numbers.
     *
     * @param name of the field
     * @return its numbers
     * @throws IOException if there is none, or it holds others
     */
    public double[] numbers(String name) throws IOException {
        if (field(name) instanceof double[] values) {
            return values.clone();
        }
        throw refused(name, "holds whole numbers only");
    }

    /**
     * A field of one whole number.
     *
     * @param name of the field
     * @return its number
     * @throws IOException if there is none, or it holds others
     */
    public long whole(String name) throws IOException {
        long[] values = wholes(name);
        requireOne(name, values.length);
        return values[0];
    }

    /**
     * A field of one number.
     *
     * @param name of the field
     * @return its number
     * @throws IOException if there is none, or it holds others
     */
    public double number(String name) throws IOException {
        double[] values = numbers(name);
        requireOne(name, values.length);
        return values[0];
    }

    /**
     * A field of as many numbers as something has.
     *
     * @param name of the field
     * @param length how many there must be
     * @return its numbers
     * @throws IOException if there is none, or it holds others
     */
    public double[] numbers(String name, int length) throws IOException {
        double[] values = numbers(name);
        if (values.length != length) {
            throw refused(name, "holds " + values.length + " numbers where " + length + " belong");
        }
        return values;
    }

    private void requireOne(String name, int length) throws IOException {
        if (length != 1) {
            throw refused(name, "holds " + length + " numbers where one belongs");
        }
    }

    private Object field(String name) throws IOException {
        @Nullable Object values = fields.get(name);
        if (values == null) {
            throw new IOException("the saved state of '" + holder + "' has no field '" + name
                    + "': it is of another version, or of other settings");
        }
        return values;
    }

    private IOException refused(String name, String what) {
        return new IOException("field '" + name + "' of the saved state of '" + holder + "' " + what
                + ": it is of another version, or of other settings");
    }

    /**
     * Writes all fields.
     *
     * @param out takes them; not closed
     * @throws IOException if they cannot be written
     */
    public void write(OutputStream out) throws IOException {
        DataOutputStream data = new DataOutputStream(out);
        data.writeUTF(MARK);
        data.writeUTF(holder);
        data.writeInt(fields.size());
        for (Map.Entry<String, Object> field : fields.entrySet()) {
            data.writeUTF(field.getKey());
            boolean isWhole = field.getValue() instanceof long[];
            data.writeBoolean(isWhole);
            long[] bits = isWhole
                    ? (long[]) field.getValue()
                    : Arrays.stream((double[]) field.getValue())
                            .mapToLong(Double::doubleToRawLongBits)
                            .toArray();
            data.writeInt(bits.length);
            for (long value : bits) {
                data.writeLong(value);
            }
        }
        data.flush();
    }

    /**
     * Reads what {@link #write} wrote, and no byte beyond it.
     *
     * @param in the bytes; not closed
     * @param holder what is to go on with it
     * @return the state
     * @throws IOException if it is no state, or another's
     */
    public static SavedState read(InputStream in, String holder) throws IOException {
        try {
            return read(new DataInputStream(in), holder);
        } catch (EOFException | UTFDataFormatException e) {
            throw new IOException(
                    "the saved state of '" + holder + "' is cut or is none: it is damaged, or of another version", e);
        }
    }

    private static SavedState read(DataInputStream data, String holder) throws IOException {
        String mark = data.readUTF();
        if (!mark.equals(MARK)) {
            throw new IOException("the saved state of '" + holder + "' begins with '" + mark + "' where '" + MARK
                    + "' belongs: it is of another version");
        }
        String found = data.readUTF();
        if (!found.equals(holder)) {
            throw new IOException("the saved state is of '" + found + "'; '" + holder + "' goes on with its own only");
        }
        SavedState state = new SavedState(holder);
        int count = data.readInt();
        for (int k = 0; k < count; k++) {
            String name = data.readUTF();
            boolean isWhole = data.readBoolean();
            int length = data.readInt();
            if (!(length >= 0 && length <= MOST)) {
                throw state.refused(name, "holds " + length + " numbers");
            }
            long[] bits = new long[length];
            for (int i = 0; i < length; i++) {
                bits[i] = data.readLong();
            }
            state.fields.put(
                    name,
                    isWhole
                            ? bits
                            : Arrays.stream(bits)
                                    .mapToDouble(Double::longBitsToDouble)
                                    .toArray());
        }
        return state;
    }
}
