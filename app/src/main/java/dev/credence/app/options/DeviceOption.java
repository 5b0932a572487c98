package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.torch.BackendChoice;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Where models compute: asked of the back end as it is read, so that a command only has to take it. */
public final class DeviceOption {
    @SuppressWarnings("UnusedVariable") // reading it has told the back end
    @Option(
            names = "--device",
            paramLabel = "auto|cpu|cuda|cuda:N",
            converter = Asked.class,
            description =
                    "Where models compute: cpu, cuda:N (cuda is cuda:0), or auto (the default), the first accelerator where"
                            + " this build (-Pgpu) and the machine have one. Of several processes (--processes) each takes the"
                            + " next, unless N is said.")
    private @Nullable String device;

    /** For the parser, which fills the field. */
    public DeviceOption() {}

    /** Passes a name on, once it is one. */
    private static final class Asked implements ITypeConverter<String> {
        @Override
        public String convert(String value) {
            try {
                BackendChoice.ask(value);
                return value;
            } catch (InputException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
