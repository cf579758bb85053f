"""Run the command `protlstm` with ``python -m sklearn_protlstm``."""

from sklearn_protlstm.command import main

if __name__ == "__main__":
    main()
