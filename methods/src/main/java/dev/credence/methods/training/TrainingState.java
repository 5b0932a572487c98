package dev.credence.methods.training;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * What a training holds beside its policy, as whole numbers and rows of numbers.
 *
 * @param of what holds it; another one refuses it
 * @param counts such as steps taken
 * @param rows each of its own length
 */
@SuppressWarnings("ArrayRecordComponent")
record TrainingState(String of, long[] counts, double[]... rows) {
    private static final int MOST = 1 << 28; // numbers a row; a larger length is no length

    void write(OutputStream out) throws IOException {
        DataOutputStream data = new DataOutputStream(out);
        data.writeUTF(of);
        data.writeInt(counts.length);
        for (long count : counts) {
            data.writeLong(count);
        }
        data.writeInt(rows.length);
        for (double[] row : rows) {
            data.writeInt(row.length);
            for (double value : row) {
                data.writeDouble(value);
            }
        }
        data.flush();
    }

    /** Reads a state with so many counts and rows, and no byte beyond it. */
    static TrainingState read(InputStream in, String of, int counts, int rows) throws IOException {
        DataInputStream data = new DataInputStream(in);
        String found = data.readUTF();
        if (!found.equals(of)) {
            throw new IOException("the saved state is of '" + found + "'; '" + of + "' goes on with its own only");
        }
        long[] longs = new long[length(data, counts, counts)];
        for (int i = 0; i < longs.length; i++) {
            longs[i] = data.readLong();
        }
        double[][] doubles = new double[length(data, rows, rows)][];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = new double[length(data, 0, MOST)];
            for (int k = 0; k < doubles[i].length; k++) {
                doubles[i][k] = data.readDouble();
            }
        }
        return new TrainingState(of, longs, doubles);
    }

    private static int length(DataInputStream data, int least, int most) throws IOException {
        int length = data.readInt();
        if (!(length >= least && length <= most)) {
            throw new IOException("the saved state holds " + length + " numbers where " + least
                    + (most > least ? " or more" : "") + " belong: it is damaged, or of another version");
        }
        return length;
    }
}
