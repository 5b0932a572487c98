package dev.credence.spark;

import dev.credence.core.audit.Exchange;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What the tasks of a barrier stage tell each other: the first one hears all and tells all. Spark's own gathering
 * ({@code BarrierTaskContext.allGather}) takes a second a round, of which an audit has a hundred; it carries the first one's address,
 * and the secret by which that one knows the others.
 */
final class SocketExchange implements Exchange, AutoCloseable {
    private static final int SECRET = 32; // bytes
    private static final int CONNECT = (int) TimeUnit.MINUTES.toMillis(1);

    private final int place;
    private final Line[] lines; // of the first, by place, its own null; of another one the first's alone

    private SocketExchange(int place, Line[] lines) {
        this.place = place;
        this.lines = lines;
    }

    /** A connection to another task. */
    private static final class Line {
        final Socket socket;
        final DataInputStream in;
        final DataOutputStream out;

        Line(Socket socket) throws IOException {
            this.socket = socket;
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
        }

        byte[] read() throws IOException {
            byte[] bytes = new byte[in.readInt()];
            in.readFully(bytes);
            return bytes;
        }

        void write(byte[] bytes) throws IOException {
            out.writeInt(bytes.length);
            out.write(bytes);
        }
    }

    /** What tells all tasks what each says, and waits for all. */
    @FunctionalInterface
    interface Gathering {
        /** What each says, by place. */
        String[] gather(String own);
    }

    /**
     * Meets the other tasks.
     *
     * @param place of this one
     * @param tasks how many there are
     * @param host by which the others reach this one
     * @param gather tells all what each says, once
     * @throws UncheckedIOException if they cannot be reached
     */
    static SocketExchange meet(int place, int tasks, String host, Gathering gather) {
        try {
            return place == 0 ? first(tasks, host, gather) : other(place, gather);
        } catch (IOException e) {
            throw new UncheckedIOException("the tasks of a step cannot reach each other", e);
        }
    }

    private static SocketExchange first(int tasks, String host, Gathering gather) throws IOException {
        byte[] secret = new byte[SECRET];
        new SecureRandom().nextBytes(secret);
        Line[] lines = new Line[tasks];
        try (ServerSocket server = new ServerSocket(0, tasks, InetAddress.getByName(host))) {
            server.setSoTimeout(CONNECT);
            gather.gather(
                    host + " " + server.getLocalPort() + " " + HexFormat.of().formatHex(secret));
            for (int missing = tasks - 1; missing > 0; ) {
                missing -= accept(server, secret, lines) ? 1 : 0;
            }
            return new SocketExchange(0, lines);
        } catch (IOException e) {
            close(lines);
            throw e;
        }
    }

    /** Lets in whoever knows the secret. */
    private static boolean accept(ServerSocket server, byte[] secret, Line[] lines) throws IOException {
        Socket socket = server.accept();
        try {
            socket.setSoTimeout(CONNECT);
            Line line = new Line(socket);
            byte[] said = new byte[SECRET];
            line.in.readFully(said);
            int place = line.in.readInt();
            if (MessageDigest.isEqual(said, secret) && place > 0 && place < lines.length && lines[place] == null) {
                socket.setSoTimeout(0); // a pass takes as long as it takes
                lines[place] = line;
                return true;
            }
        } catch (IOException e) {
            // a stranger that says nothing, or goes
        }
        socket.close();
        return false;
    }

    private static SocketExchange other(int place, Gathering gather) throws IOException {
        String[] first = gather.gather("")[0].split(" ", -1);
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(first[0], Integer.parseInt(first[1])), CONNECT);
            Line line = new Line(socket);
            line.out.write(HexFormat.of().parseHex(first[2]));
            line.out.writeInt(place);
            line.out.flush();
            return new SocketExchange(place, new Line[] {line});
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public int place() {
        return place;
    }

    @Override
    public List<byte[]> tell(byte[] own) {
        try {
            return place == 0 ? hearAndTell(own) : tellAndHear(own);
        } catch (IOException e) {
            throw new UncheckedIOException("another task of the step is gone", e);
        }
    }

    private List<byte[]> hearAndTell(byte[] own) throws IOException {
        List<byte[]> all = new ArrayList<>();
        all.add(own);
        for (int k = 1; k < lines.length; k++) {
            all.add(lines[k].read());
        }
        for (int k = 1; k < lines.length; k++) {
            lines[k].out.writeInt(all.size());
            for (byte[] each : all) {
                lines[k].write(each);
            }
            lines[k].out.flush();
        }
        return all;
    }

    private List<byte[]> tellAndHear(byte[] own) throws IOException {
        lines[0].write(own);
        lines[0].out.flush();
        int size = lines[0].in.readInt();
        List<byte[]> all = new ArrayList<>();
        for (int k = 0; k < size; k++) {
            all.add(lines[0].read());
        }
        return all;
    }

    @Override
    public void close() {
        close(lines);
    }

    private static void close(Line[] lines) {
        Arrays.stream(lines).filter(line -> line != null).forEach(line -> {
            try {
                line.socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
