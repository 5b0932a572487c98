package dev.credence.torch;

import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The device, libraries and threads to compute with. Libraries are measured once a machine, by short child processes, since a
 * process can load only one of them; the result is kept in the user's cache folder. The system properties {@code credence.blas}
 * (openblas, mkl), {@code credence.threads} and {@code credence.device} (auto, cpu, cuda, cuda:N) overrule it. Of several processes
 * that share a machine {@code credence.seat} is each one's number, from 0: those that name no accelerator take one after the other.
 *
 * @param device where models are: cpu, or cuda:N; auto until it is known whether there is an accelerator
 * @param blas the faster library
 * @param threads pieces of work at once, each on one thread
 * @param openblasRate matrix products a second by OpenBLAS on one thread, 10⁹ operations a second; NaN: not measured
 * @param mklRate the same by MKL
 */
public record BackendChoice(String device, Blas blas, int threads, double openblasRate, double mklRate) {
    private static final String VERSION = "2";
    private static final long PATIENCE_SECONDS = 60;
    private static final String OWN = "credence.";
    static final String AUTO = "auto";
    static final String CPU = "cpu";
    static final String CUDA = "cuda";
    static final String PROPERTY = "credence.device";
    static final String SEAT = "credence.seat";
    private static final Pattern DEVICE = Pattern.compile("auto|cpu|cuda(:[0-9]{1,2})?");

    /** Libraries for matrix products. */
    public enum Blas {
        /** OpenBLAS, which libtorch was built with. */
        OPENBLAS,
        /** Intel's, in its place. */
        MKL
    }

    /**
     * Checks the threads and the device's name.
     *
     * @param device as above
     * @param blas as above
     * @param threads as above
     * @param openblasRate as above
     * @param mklRate as above
     * @throws IllegalArgumentException unless threads is positive
     * @throws InputException unless the device is named as above
     */
    public BackendChoice {
        check(device);
        if (!(threads > 0)) {
            throw new IllegalArgumentException("threads is " + threads + "; it must be at least 1");
        }
    }

    /**
     * Asks for a device, before libtorch is loaded; as the system property does.
     *
     * @param device auto (the first accelerator where this build and the machine have one), cpu, cuda, or cuda:N
     * @throws InputException if it is named otherwise; whether it is there is found out when libtorch is loaded
     */
    public static void ask(String device) {
        System.setProperty(PROPERTY, check(device));
    }

    /**
     * What a process that is to compute as this one does is started with.
     *
     * @param seat its number among those that share its machine, from 0
     * @return options of the JVM: the system properties of the toolkit that are set here, and its seat
     */
    public static List<String> options(int seat) {
        List<String> options = new ArrayList<>();
        Properties all = System.getProperties();
        for (String name : new TreeSet<>(all.stringPropertyNames())) {
            if (name.startsWith(OWN) && !name.equals(SEAT)) {
                options.add("-D" + name + "=" + all.getProperty(name));
            }
        }
        options.add("-D" + SEAT + "=" + seat);
        return options;
    }

    /**
     * The accelerator of this process where none is named.
     *
     * @param there how many the machine has, 1 or more
     * @return its number: that of the process's seat, and round again where there are more processes
     */
    static int ofSeat(int there) {
        return Math.floorMod(Integer.getInteger(SEAT, 0), there);
    }

    private static String check(String device) {
        if (!DEVICE.matcher(device).matches()) {
            throw InputException.ofSetting("device", device, "one of auto, cpu, cuda and cuda:N");
        }
        return device;
    }

    /** The number of a device of CUDA that is named with one. */
    static int number(String device) {
        return Integer.parseInt(device.substring(CUDA.length() + 1));
    }

    BackendChoice withThreads(int other) {
        return new BackendChoice(device, blas, other, openblasRate, mklRate);
    }

    BackendChoice on(String found) {
        return new BackendChoice(found, blas, threads, openblasRate, mklRate);
    }

    /** {@return one line for people: what is used and what was measured} */
    public String describe() {
        String processor = String.format(
                Locale.ROOT,
                "%s on %d threads (one thread: OpenBLAS %s, MKL %s GFLOP/s)",
                blas == Blas.MKL ? "MKL" : "OpenBLAS",
                threads,
                rate(openblasRate),
                rate(mklRate));
        return device.startsWith(CUDA) ? device + "; on the processor " + processor : processor;
    }

    /** What is overruled, else kept, else measured now. */
    static BackendChoice ofThisMachine() {
        int threads =
                Integer.getInteger("credence.threads", Runtime.getRuntime().availableProcessors());
        String device = System.getProperty(PROPERTY, AUTO);
        String named = System.getProperty("credence.blas", "");
        if (!named.isEmpty()) {
            return new BackendChoice(
                    device, Blas.valueOf(named.toUpperCase(Locale.ROOT)), threads, Double.NaN, Double.NaN);
        }
        MachineFile kept = MachineFile.named("backend-" + VERSION + ".properties");
        BackendChoice choice = read(kept, device, threads);
        if (choice == null) {
            double openblas = measure(Blas.OPENBLAS);
            double mkl = measure(Blas.MKL);
            choice = new BackendChoice(
                    device,
                    mkl > openblas || Double.isNaN(openblas) ? Blas.MKL : Blas.OPENBLAS,
                    threads,
                    openblas,
                    mkl);
            write(kept, choice);
        }
        return choice;
    }

    private static String rate(double rate) {
        return Double.isNaN(rate) ? "not measured" : String.format(Locale.ROOT, "%.0f", rate);
    }

    private static @Nullable BackendChoice read(MachineFile file, String device, int threads) {
        Properties kept = file.read();
        if (kept == null) {
            return null;
        }
        try {
            return new BackendChoice(
                    device,
                    Blas.valueOf(kept.getProperty("blas", "")),
                    threads,
                    Double.parseDouble(kept.getProperty("openblas", "")),
                    Double.parseDouble(kept.getProperty("mkl", "")));
        } catch (IllegalArgumentException e) {
            return null; // damaged: measured again
        }
    }

    private static void write(MachineFile file, BackendChoice choice) {
        Properties kept = new Properties();
        kept.setProperty("blas", choice.blas.name());
        kept.setProperty("openblas", Double.toString(choice.openblasRate));
        kept.setProperty("mkl", Double.toString(choice.mklRate));
        file.write(kept);
    }

    /** Runs {@link BackendProbe} in a process of its own; NaN where the library does not load. */
    private static double measure(Blas blas) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        ProcessBuilder builder = new ProcessBuilder(
                java,
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                BackendProbe.class.getName(),
                blas.name());
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        try {
            Process process = builder.start();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Double.NaN;
            }
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.exitValue() == 0 ? Double.parseDouble(out.strip()) : Double.NaN;
        } catch (IOException | NumberFormatException e) {
            return Double.NaN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Double.NaN;
        }
    }
}
