// One program for the whole node: Kubernetes, etcd and CoreDNS linked once, the command chosen by
// the name it was started under. Linked apart they would be nine binaries of 30 to 130 MB.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/coredns/coredns/coremain"
	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubeadm "k8s.io/kubernetes/cmd/kubeadm/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// Commands that component-base runs: flags, logging and the exit code are its business.
var cobraCommands = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllers.NewControllerManagerCommand,
	"kube-proxy":              proxy.NewProxyCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"kubelet":                 func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) },
}

// Commands that print their own errors.
var plainCommands = map[string]func() error{
	"kubectl": func() error { return cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()) },
	"kubeadm": kubeadm.Run,
	"etcd":    func() error { etcdmain.Main(os.Args); return nil },
	"coredns": func() error { coremain.Run(); return nil },
}

func main() {
	name := filepath.Base(os.Args[0])
	if command, ok := cobraCommands[name]; ok {
		os.Exit(cli.Run(command()))
	}
	command, ok := plainCommands[name]
	if !ok {
		fmt.Fprintf(os.Stderr, "this binary is started through a link named after a component; %q is none\n", name)
		os.Exit(2)
	}
	if err := command(); err != nil {
		os.Exit(1)
	}
}
