package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.processes.ProcessPlaces;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many processes share a training, and where they are. */
public final class ProcessOptions {
    @Option(
            names = "--processes",
            paramLabel = "N",
            description =
                    "Where something trains: processes that share each step, on this machine unless --hosts is given; figures"
                            + " are those of one but for the last bits (default: 1, or one on each host).")
    private @Nullable Integer processes;

    @Option(
            names = "--hosts",
            paramLabel = "HOST,HOST",
            split = ",",
            description =
                    "Where something trains: machines that the processes are dealt out among, this one first, by the names that"
                            + " the others reach them by. Those elsewhere are started by ssh and find program, models and run under the"
                            + " same names.")
    private List<String> hosts = new ArrayList<>();

    /** For the parser, which fills the fields. */
    public ProcessOptions() {}

    /**
     * The places.
     *
     * @return how many, and where
     * @throws InputException if they contradict each other
     */
    public ProcessPlaces places() {
        return new ProcessPlaces(processes == null ? Math.max(1, hosts.size()) : processes, hosts);
    }

    /** {@return what was asked for and is no single process, as typed; null if nothing} */
    public @Nullable String asked() {
        return processes != null && processes != 1
                ? Integer.toString(processes)
                : hosts.isEmpty() ? null : String.join(",", hosts);
    }
}
